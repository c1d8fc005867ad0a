// Picture files for tests, made with sharp.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** Bytes that look random and are the same everywhere. */
export function noise(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * i * 7 + i * 13 + seed * 31) % 256);
}

export async function png(
  width: number,
  height: number,
  channels: 1 | 3 | 4 = 3,
  data: Uint8Array = noise(width * height * channels),
): Promise<Uint8Array<ArrayBuffer>> {
  const picture = sharp(data, { raw: { width, height, channels } });
  return new Uint8Array(await (channels === 1 ? picture.toColourspace('b-w') : picture).png().toBuffer());
}

/** A picture of one colour. */
export function plain(value: number, width = 4, height = 3): Promise<Uint8Array<ArrayBuffer>> {
  return png(width, height, 3, new Uint8Array(width * height * 3).fill(value));
}

/** Writes files (path below `root` -> bytes), and the folders they are in. */
export async function writeFiles(root: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
}
