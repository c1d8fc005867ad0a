import { ValueError } from '../../errors.ts';
import type { Files } from '../../platform/index.ts';
import { kindOf, refuseUnknown, truth } from '../../tensor/options.ts';
import type { Callback, Logs } from '../callback.ts';
import { pythonFloat } from '../formatNumber.ts';
import { filledText } from '../options.ts';
import { requireFiles } from './noFiles.ts';

export interface CsvLoggerOptions {
  /** One character; default a comma. */
  readonly separator?: string;
  /** Goes on after what the file holds, instead of starting it anew; default false. */
  readonly append?: boolean;
}

const who = 'CSVLogger';

class CsvLoggerCallback implements Callback {
  private readonly files: Files;
  private readonly filename: string;
  private readonly separator: string;
  private readonly appends: boolean;
  private keys: readonly string[] | null = null;
  private wantsHeader = true;

  constructor(filename: string, options: CsvLoggerOptions) {
    refuseUnknown(who, options, ['separator', 'append']);
    this.filename = filledText(who, 'filename', filename);
    this.separator = checkedSeparator(options.separator ?? ',');
    this.appends = truth(who, 'append', options.append ?? false);
    this.files = requireFiles(who);
  }

  async onTrainBegin(): Promise<void> {
    const before = this.appends ? await this.files.read(this.filename) : null;
    this.wantsHeader = !before?.length;
    this.keys = null;
    const nothing = new Uint8Array();
    if (this.appends) await this.files.append(this.filename, nothing);
    else await this.files.writeAtomic(this.filename, nothing);
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const isFirst = this.keys === null;
    this.keys ??= columns(Object.keys(logs));
    const cell = (key: string) => (logs[key] === undefined ? 'NA' : pythonFloat(logs[key]));
    const header = isFirst && this.wantsHeader ? this.row(['epoch', ...this.keys]) : '';
    const text = header + this.row([String(epoch), ...this.keys.map(cell)]);
    await this.files.append(this.filename, new TextEncoder().encode(text));
  }

  /** As Python's csv writes it: a cell that would be misread is quoted, and lines end as on a typewriter. */
  private row(cells: readonly string[]): string {
    const isSafe = (cell: string) => !cell.includes(this.separator) && !/["\r\n]/.test(cell);
    const quoted = cells.map((cell) => (isSafe(cell) ? cell : `"${cell.replaceAll('"', '""')}"`));
    return `${quoted.join(this.separator)}\r\n`;
  }
}

/** Sorted. When the first epoch ends without validation, a later one may have it: its columns are there from the start. */
function columns(keys: readonly string[]): string[] {
  const sorted = keys.toSorted();
  const hasValidation = sorted.some((key) => key.startsWith('val_'));
  return hasValidation ? sorted : [...sorted, ...sorted.map((key) => `val_${key}`)];
}

function checkedSeparator(separator: unknown): string {
  if (typeof separator === 'string' && separator.length === 1 && !/["\r\n]/.test(separator)) return separator;
  throw new ValueError(`${who}: separator must be one character, no quote and no line end, got ${kindOf(separator)}`);
}

/**
 * Writes the logs of each epoch as a row of a CSV file: `epoch`, counted from 0, then the keys of the first row in order; NA where a value is missing.
 *
 * @throws ResourceError in a browser, and when the file cannot be written
 */
export function CSVLogger(filename: string, options: CsvLoggerOptions = {}): Callback {
  return new CsvLoggerCallback(filename, options);
}
