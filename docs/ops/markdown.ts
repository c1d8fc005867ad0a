// The few forms of Markdown that the page is made of.
import { posix } from 'node:path';

/** Text as it stands, in a cell too. */
export function code(text: string): string {
  return `\`${inCell(text)}\``;
}

/** Prose of a comment: code between backticks stays, signs of arithmetic are no markup. */
export function prose(text: string): string {
  return inCell(text.replace(/<|\*(?=\S)|(?<=\S)\*/g, '\\$&'));
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** A link to a file, given from the root of the repository, by the name of the file. */
export function fileLink(path: string): string {
  return `[${posix.basename(path)}](../${path})`;
}

/** The anchor that a heading of this text gets. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

export function opLink(name: string): string {
  return `[${code(name)}](#${anchor(name)})`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
