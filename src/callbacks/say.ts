import { platform } from '../platform/index.ts';
import { breakOpenLine } from './progressLine.ts';

/** Writes a message of a callback as a line of its own, also where a progress line stands half drawn. */
export function say(text: string): void {
  breakOpenLine();
  platform.terminal.write(`${text}\n`);
}

/** The same for something that is probably not meant. */
export function warn(text: string): void {
  breakOpenLine();
  console.warn(text);
}
