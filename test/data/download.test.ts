import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { download, UnreachableError } from '../../src/data/download.ts';
import { FormatError, ResourceError, WgslgradError } from '../../src/errors.ts';
import type { Terminal } from '../../src/platform/platform.ts';
import { deadAddress, expectationOf, serve } from './support.ts';

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
const file = { name: 'digits.gz', ...expectationOf(content) };

function recordingTerminal(interactive = false, columns = 80): Terminal & { written: string[] } {
  const written: string[] = [];
  return { interactive, columns, write: (text) => void written.push(text), written };
}

describe('download', () => {
  test('gives the right bytes', async () => {
    const address = await serve((_, response) => response.end(content));
    const bytes = await download(`${address}digits.gz`, file, { terminal: recordingTerminal() });
    expect(Buffer.compare(bytes, content)).toBe(0);
  });

  interface BadAnswer {
    readonly what: string;
    readonly answer: (response: ServerResponse) => void;
    readonly error: typeof ResourceError;
    readonly says: RegExp;
    /** Short only where a stall is what the case is about, so that a busy machine changes no outcome. */
    readonly waits?: { readonly firstByteMs?: number; readonly idleMs?: number };
  }
  test.each<BadAnswer>([
    {
      what: 'a wrong hash',
      answer: (response) => response.end(Uint8Array.from(content, (byte) => byte ^ 1)),
      error: FormatError,
      says: new RegExp(`wrong hash: expected sha256 ${file.sha256}, got (?!${file.sha256})[0-9a-f]{64}`),
    },
    {
      what: 'too few bytes',
      answer: (response) => response.end(content.subarray(0, 1000)),
      error: FormatError,
      says: /wrong size: expected 300000 bytes, got 1000/,
    },
    {
      what: 'too many bytes',
      answer: (response) => response.end(Buffer.concat([content, content])),
      error: FormatError,
      says: /wrong size: expected 300000 bytes, got at least \d+/,
    },
    {
      what: 'a body without end',
      answer: (response) => {
        const more = () => {
          while (!response.destroyed && response.write(content));
        };
        response.on('drain', more);
        more();
      },
      error: FormatError,
      says: /wrong size: expected 300000 bytes, got at least/,
    },
    {
      what: 'an empty answer',
      answer: (response) => response.writeHead(204).end(),
      error: FormatError,
      says: /wrong size: expected 300000 bytes, got 0/,
    },
    {
      what: 'HTTP 404',
      answer: (response) => response.writeHead(404).end('no such file'),
      error: UnreachableError,
      says: /cannot download digits\.gz \(300000 bytes\) from http:.*digits\.gz: HTTP 404 Not Found/,
    },
    {
      what: 'HTTP 503',
      answer: (response) => response.writeHead(503).end(),
      error: UnreachableError,
      says: /HTTP 503/,
    },
    {
      what: 'a connection that breaks off',
      answer: (response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 1000), () => response.destroy());
      },
      error: UnreachableError,
      says: /cannot download digits\.gz/,
    },
    {
      what: 'a server that accepts and then says nothing',
      answer: () => {},
      waits: { firstByteMs: 50 },
      error: UnreachableError,
      says: /nothing came for 0\.05 s/,
    },
    {
      what: 'a server that sends headers and then nothing',
      answer: (response) => response.writeHead(200, { 'content-length': content.length }).flushHeaders(),
      waits: { firstByteMs: 50 },
      error: UnreachableError,
      says: /nothing came for 0\.05 s/,
    },
    {
      what: 'a server that stalls in the middle',
      answer: (response) => void response.write(content.subarray(0, 1000)),
      waits: { idleMs: 60 },
      error: UnreachableError,
      says: /nothing came for 0\.06 s/,
    },
  ])('refuses $what', async ({ answer, error, says, waits }) => {
    const address = await serve((_, response) => answer(response));
    const attempt = download(`${address}digits.gz`, file, { terminal: recordingTerminal(), ...waits });
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(says);
    await expect(attempt).rejects.toThrow(`${address}digits.gz`);
  });

  test('says that the connection was refused', async () => {
    const attempt = download(`${await deadAddress()}digits.gz`, file, { terminal: recordingTerminal() });
    await expect(attempt).rejects.toThrow(UnreachableError);
    await expect(attempt).rejects.toThrow(/ECONNREFUSED/);
  });

  test('an unreachable address is a ResourceError to everyone else', () => {
    expect(new UnreachableError('x')).toBeInstanceOf(ResourceError);
  });

  test('an abort rejects with its reason and closes the connection', async () => {
    const stop = new AbortController();
    let closed: Promise<unknown> = Promise.reject(new Error('the server was never asked'));
    closed.catch(() => {});
    const address = await serve((_, response) => {
      closed = once(response, 'close');
      response.write(content.subarray(0, 1000));
    });
    const terminal = recordingTerminal();
    const reason = new Error('the user pressed Ctrl-C');
    terminal.write = () => stop.abort(reason); // the first progress line: the download is under way
    await expect(download(`${address}digits.gz`, file, { terminal, signal: stop.signal })).rejects.toBe(reason);
    await closed;
  });

  test.each([
    { what: 'an error page', status: 404, body: content.subarray(0, 10) },
    { what: 'a body that is too long', status: 200, body: Buffer.concat([content, content]) },
  ])('closes the connection on which $what would go on', async ({ status, body }) => {
    let closed: Promise<unknown> = Promise.reject(new Error('the server was never asked'));
    closed.catch(() => {});
    const address = await serve((_, response) => {
      closed = once(response, 'close');
      response.writeHead(status).write(body);
    });
    await expect(download(`${address}digits.gz`, file, { terminal: recordingTerminal() })).rejects.toThrow(
      WgslgradError,
    );
    await closed;
  });

  test('leaves no timer behind that would keep the program running', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const address = await serve((_, response) => response.end(content));
    const before = timers();
    await download(`${address}digits.gz`, file, { terminal: recordingTerminal() });
    await expect(download(`${await deadAddress()}digits.gz`, file, { terminal: recordingTerminal() })).rejects.toThrow(
      UnreachableError,
    );
    // those of tests before may go meanwhile
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('an abort from before asks nothing of the server', async () => {
    let asked = 0;
    const address = await serve((_, response) => {
      asked++;
      response.end(content);
    });
    const terminal = recordingTerminal();
    await expect(download(`${address}digits.gz`, file, { terminal, signal: AbortSignal.abort('stop') })).rejects.toBe(
      'stop',
    );
    expect(asked).toBe(0);
    expect(terminal.written).toEqual([]);
  });
});

describe('the progress of a download', () => {
  test('is one line at the start and one at the end where lines cannot be redrawn', async () => {
    const address = await serve((_, response) => response.end(content));
    const terminal = recordingTerminal();
    await download(`${address}digits.gz`, file, { terminal });
    expect(terminal.written).toEqual([
      `Downloading digits.gz (300.0 kB) from ${address}digits.gz\n`,
      'Downloaded digits.gz (300.0 kB)\n',
    ]);
  });

  test('is redrawn in place, narrower than the terminal, and ends at 100 %', async () => {
    const address = await serve((_, response) => response.end(content));
    const terminal = recordingTerminal(true, 60);
    await download(`${address}digits.gz`, file, { terminal });
    expect(terminal.written.at(-1)).toBe('\n');
    const redraws = terminal.written.slice(0, -1);
    expect(redraws.at(0)).toBe('\r\x1b[KDownloading digits.gz: 0.0 kB of 300.0 kB (0 %)');
    expect(redraws.at(-1)).toBe('\r\x1b[KDownloading digits.gz: 300.0 kB of 300.0 kB (100 %)');
    for (const redraw of redraws) {
      expect(redraw.startsWith('\r\x1b[K')).toBe(true);
      expect(redraw).not.toContain('\n');
      expect(redraw.slice(4).length).toBeLessThan(60);
    }
  });

  test('is cut to fit a narrow terminal', async () => {
    const address = await serve((_, response) => response.end(content));
    const terminal = recordingTerminal(true, 20);
    await download(`${address}digits.gz`, file, { terminal });
    expect(terminal.written[0]).toBe('\r\x1b[KDownloading digits.');
  });

  test('ends its line when the download fails, so that the error starts on its own', async () => {
    const address = await serve((_, response) => response.end(content.subarray(0, 150_000)));
    const terminal = recordingTerminal(true);
    await expect(download(`${address}digits.gz`, file, { terminal })).rejects.toThrow(FormatError);
    expect(terminal.written.at(-1)).toBe('\n');
  });

  test('is not begun when nobody answers', async () => {
    const terminal = recordingTerminal(true);
    await expect(download(`${await deadAddress()}digits.gz`, file, { terminal })).rejects.toThrow(UnreachableError);
    expect(terminal.written).toEqual([]);
  });
});
