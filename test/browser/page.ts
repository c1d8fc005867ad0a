import { createServer, type Server } from 'node:http';
import { type Browser, chromium, type Page } from 'playwright-core';

/** How long a busy machine may take for what a quiet one does in a second. */
const timeout = 90_000;

/** Chromium with its own software WebGPU adapter, and none of its background connections. */
export async function startChromium(executablePath: string): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    timeout,
    args: [
      // Root, as in a container, has no user namespace to build the sandbox in; the page is our own.
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  });
}

/** Serves the files by their paths on a free port of 127.0.0.1. */
export async function serve(files: ReadonlyMap<string, string | Uint8Array>): Promise<{ server: Server; url: string }> {
  const server = createServer(({ url = '/' }, response) => {
    const content = files.get(url);
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`no port: ${address}`);
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

/** The page at that address, once its program has set this global variable. */
export async function opened(page: Page, url: string, global: string): Promise<void> {
  page.setDefaultTimeout(timeout);
  await page.goto(url);
  await isReady(page, global);
}

/** Waits until the page's program has set this global variable. */
export async function isReady(page: Page, global: string): Promise<void> {
  await page.waitForFunction(`globalThis.${global}`);
}
