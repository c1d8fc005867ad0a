import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { sha256 } from '../../src/data/sha256.ts';
import { ResourceError } from '../../src/errors.ts';

test('sha256 of "abc" is that of FIPS 180-2, appendix B.1', async () => {
  expect(await sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('sha256 agrees with node:crypto on every length up to two blocks', async () => {
  for (let length = 0; length <= 128; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) % 256);
    expect(await sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('sha256 says what is missing on an insecure page', async () => {
  vi.stubGlobal('crypto', {});
  try {
    await expect(sha256(new Uint8Array(1))).rejects.toThrow(ResourceError);
    await expect(sha256(new Uint8Array(1))).rejects.toThrow(/https or localhost/);
  } finally {
    vi.unstubAllGlobals();
  }
});
