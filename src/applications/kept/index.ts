// The browser build replaces './node.ts' with './browser.ts' (see build/bundle.ts).
export { keptFile } from './node.ts';
