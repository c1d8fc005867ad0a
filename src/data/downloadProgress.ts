import type { Terminal } from '../platform/index.ts';

export interface DownloadProgress {
  /** The first call starts the line: an address that does not answer leaves no trace. */
  update(received: number): void;
  done(): void;
  /** Leaves the line as it stands, so that an error message starts on its own. */
  abandon(): void;
}

/**
 * The progress of one download: a line redrawn in place where the terminal can,
 * else (a log file, a web console) one line at the start and one at the end.
 */
export function downloadProgress(terminal: Terminal, url: string, name: string, total: number): DownloadProgress {
  let started = false;
  if (!terminal.interactive) {
    return {
      update() {
        if (!started) terminal.write(`Downloading ${name} (${amount(total)}) from ${url}\n`);
        started = true;
      },
      done: () => terminal.write(`Downloaded ${name} (${amount(total)})\n`),
      abandon() {},
    };
  }
  let shown = -1;
  const endLine = () => {
    if (started) terminal.write('\n');
  };
  return {
    update(received) {
      const percent = Math.floor((100 * received) / total);
      if (percent === shown) return;
      shown = percent;
      started = true;
      const text = `Downloading ${name}: ${amount(received)} of ${amount(total)} (${percent} %)`;
      // A line as wide as the terminal would wrap, and the next redraw would start on the wrong row.
      terminal.write(`\r\x1b[K${text.slice(0, terminal.columns - 1)}`);
    },
    done: endLine,
    abandon: endLine,
  };
}

function amount(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
