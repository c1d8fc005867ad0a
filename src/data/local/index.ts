// The browser build replaces './node.ts' with './browser.ts' (see build/bundle.ts).
export { localFiles } from './node.ts';
