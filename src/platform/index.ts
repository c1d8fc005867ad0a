// The browser build replaces './node.ts' with './browser.ts' (see build.ts).
export { platform } from './node.ts';
export type { Files, FolderEntry, ImageFormat, Platform, RawImage, Terminal } from './platform.ts';
