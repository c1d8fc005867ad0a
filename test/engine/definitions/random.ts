// Threefry-2x32 with 20 rounds, from Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011),
// section 3.3, in BigInt arithmetic modulo 2^32.
import { type Definitions, defined, tabulate } from './definition.ts';
import { cos, log, sqrt } from './functions.ts';

type Words = readonly [number, number];

const word = (value: bigint) => BigInt.asUintN(32, value);

/** Of each group of eight rounds. */
const ROTATIONS = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];

function threefry(key: Words, counter: Words): Words {
  const [k0, k1] = [word(BigInt(key[0])), word(BigInt(key[1]))];
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bdan];
  let x0 = word(BigInt(counter[0]) + keys[0]!);
  let x1 = word(BigInt(counter[1]) + keys[1]!);
  for (let round = 1; round <= 20; round++) {
    const turn = ROTATIONS[(round - 1) % 8]!;
    x0 = word(x0 + x1);
    x1 = word((x1 << turn) | (x1 >> (32n - turn))) ^ x0;
    if (round % 4 !== 0) continue;
    const s = round / 4;
    x0 = word(x0 + keys[s % 3]!);
    x1 = word(x1 + keys[(s + 1) % 3]! + BigInt(s));
  }
  return [Number(x0), Number(x1)];
}

export const random: Definitions<'randomUniform'> = {
  // the top 24 bits of the first word of (i, draw)
  randomUniform: defined('nothing', ([draw], { key }, y) => {
    const size = y.shape.reduce((product, length) => product * length, 1);
    return tabulate([size], (i) => Math.floor(threefry(key, [i, draw!.data[0]!])[0] / 2 ** 8) / 2 ** 24);
  }),
};

/** The first `size` normal values of a seed: Box and Muller of the two words of (i, 1), under the key of the seed. */
export function normals(seed: number, size: number): number[] {
  const key = threefry([seed, 0x77677367], [0, 0]);
  return tabulate([size], (i) => {
    const [a, b] = threefry(key, [i, 1]);
    return sqrt(-2 * log((a + 1) / 2 ** 32)) * cos(2 * Math.PI * (b / 2 ** 32));
  });
}
