import * as w from '../../../src/index.ts';
import { binaryBound, unaryBound } from '../../support/bounds.ts';
import { float32, LARGEST, type Special, sized, special } from './special.ts';

type UnaryName = Parameters<typeof unaryBound>[0] & keyof typeof w;
type BinaryName = Parameters<typeof binaryBound>[0] & keyof typeof w;
type Pairwise = (a: number, b: number) => number;

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const edges = [nan, inf, -inf, 0, -0, 1, -1, LARGEST, -LARGEST, 0.5, -0.5, 2.5, -2.5];
/** Without -0, for functions that are infinite at 0: a GPU may lose its sign, and with it that of the infinity. */
const poleEdges = edges.filter((x) => !Object.is(x, -0));

const truth = (holds: boolean) => Number(holds);
const isTrue = (x: number) => x !== 0;
const halvesToEven = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
/** From a table (Abramowitz and Stegun 7.1). */
const erfOf = new Map([
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2.5, 0.9995930479825551],
]);
const erf = (x: number) => (Number.isNaN(x) ? nan : Math.sign(x) * (x === 0 ? 0 : (erfOf.get(Math.abs(x)) ?? 1)));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => (x > 40 ? x : Math.log1p(Math.exp(x)));

const ofOne: Partial<Record<UnaryName, (x: number) => number>> = {
  neg: (x) => 0 - x,
  abs: (x) => (x < 0 ? -x : x),
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
  floor: Math.floor,
  ceil: Math.ceil,
  round: halvesToEven,
  tanh: Math.tanh,
  sigmoid: logistic,
  erf,
  relu: (x) => Math.max(x, 0),
  softplus,
  logicalNot: (x) => truth(!isTrue(x)),
};

const wave = edges.filter((x) => Math.abs(x) !== LARGEST);

const unary: readonly Special[] = [
  ...Object.entries(ofOne).map(([fn, f]) => ofEdges(fn as UnaryName, edges, f)),
  ofEdges('rsqrt', poleEdges, (x) => 1 / Math.sqrt(x)),
  ofEdges('sin', wave, Math.sin),
  ofEdges('cos', wave, Math.cos),
  ...(['sin', 'cos'] as const).map((fn) =>
    special(fn, fn, [[LARGEST, -LARGEST]], (x) => w.lessEqual(w.abs(w[fn](x)), 1), [1, 1], {
      title: `${fn} of the largest lies between -1 and 1`,
    }),
  ),
];

function ofEdges(fn: UnaryName, inputs: readonly number[], f: (x: number) => number): Special {
  const values = (largest: number) => inputs.map((x) => f(sized(x, largest)));
  return special(
    fn,
    fn,
    [inputs],
    (x) => w[fn](x),
    ({ largest }) => values(largest),
    {
      off: (i, exact) => unaryBound(fn, sized(inputs[i]!, float32.largest), exact),
    },
  );
}

const ends = Int32Array.of(2 ** 31 - 1, -(2 ** 31), -1, 0, 1, 65_537);
const bytes = Uint8Array.of(0, 1, 128, 255);

const ofIntegers: Partial<Record<UnaryName, (x: number) => number>> = {
  neg: (x) => -x | 0,
  abs: (x) => Math.abs(x) | 0,
  square: (x) => Math.imul(x, x),
  sign: Math.sign,
  floor: (x) => x,
  ceil: (x) => x,
  round: (x) => x,
  relu: (x) => Math.max(x, 0),
  logicalNot: (x) => truth(x === 0),
};

const integers: readonly Special[] = Object.entries(ofIntegers).flatMap(([name, f]) => {
  const fn = name as UnaryName;
  // of bytes only neg leaves the bytes
  const ofByte = (x: number) => (fn === 'neg' ? f(x) : f(x) & 0xff);
  return [
    special(fn, fn, [ends], (x) => w[fn](x), Array.from(ends, f), { title: `${fn} at the ends of int32` }),
    special(fn, fn, [bytes], (x) => w[fn](x), Array.from(bytes, ofByte), { title: `${fn} at the ends of uint8` }),
  ];
});

const clamped = (low: number, high: number) => (x: number) =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high));

const castTo = {
  int32: clamped(-(2 ** 31), 2 ** 31 - 1),
  uint8: clamped(0, 255),
  bool: (x: number) => truth(isTrue(x)),
} as const;

const atEnds = [...edges, 2 ** 31, 2 ** 31 - 128, -(2 ** 31), -(2 ** 31) - 256, 255.5, 256, -0.75];

const casts: readonly Special[] = [
  ...(['int32', 'uint8', 'bool'] as const).flatMap((dtype) => [
    special('cast', 'cast', [atEnds], (x) => w.cast(x, dtype), atEnds.map(castTo[dtype]), {
      title: `cast of floats to ${dtype}`,
    }),
  ]),
  special('cast', 'cast', [bytes], (x) => [w.cast(x, 'int32'), w.cast(x, 'bool')], [0, 1, 128, 255, 0, 1, 1, 1], {
    title: 'cast of uint8',
  }),
  special('cast', 'cast', [ends], (x) => w.cast(x, w.ones([]).dtype), Array.from(ends), { title: 'cast of int32' }),
  special(
    'cast',
    'cast',
    [ends],
    (x) => w.cast(x, 'uint8'),
    Array.from(ends, (x) => x & 0xff),
    {
      title: 'cast of int32 to uint8 keeps the low bits',
    },
  ),
  special('cast', 'cast', [ends], (x) => w.cast(x, 'bool'), [1, 1, 1, 0, 1, 1], { title: 'cast of int32 to bool' }),
];

const someNaN = (a: number, b: number) => Number.isNaN(a) || Number.isNaN(b);

/** IEEE 754-2008, 9.2.1: where JavaScript differs is said first. */
function power(a: number, b: number): number {
  if (a === 1 || b === 0 || (a === -1 && Math.abs(b) === inf)) return 1;
  return a ** b;
}

const ofTwo: Partial<Record<BinaryName, Pairwise>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  maximum: (a, b) => (someNaN(a, b) ? nan : Math.max(a, b)),
  minimum: (a, b) => (someNaN(a, b) ? nan : Math.min(a, b)),
  equal: (a, b) => truth(a === b),
  notEqual: (a, b) => truth(a !== b),
  greater: (a, b) => truth(a > b),
  greaterEqual: (a, b) => truth(a >= b),
  less: (a, b) => truth(a < b),
  lessEqual: (a, b) => truth(a <= b),
  logicalAnd: (a, b) => truth(isTrue(a) && isTrue(b)),
  logicalOr: (a, b) => truth(isTrue(a) || isTrue(b)),
  reluGrad: (dy, y) => (y > 0 ? dy : 0),
  addRelu: (a, b) => (Number.isNaN(a + b) ? nan : Math.max(a + b, 0)),
};

const binary: readonly Special[] = [
  ...Object.entries(ofTwo).map(([fn, f]) => ofPairs(fn as BinaryName, edges, f)),
  ofPairs('pow', poleEdges, power),
  ofPairs('div', poleEdges, (a, b) => a / b),
];

/** Every element beside every other. */
function ofPairs(fn: BinaryName, list: readonly number[], f: Pairwise): Special {
  const values = (largest: number) => list.flatMap((a) => list.map((b) => f(sized(a, largest), sized(b, largest))));
  return special(
    fn,
    fn,
    [list.map((a) => [a]), list],
    (a, b) => w[fn](a, b),
    (floats) => values(floats.largest),
    {
      off: (i, exact) => {
        const [a, b] = [list[Math.floor(i / list.length)]!, list[i % list.length]!];
        // divisors above 2^126 are beyond what WGSL promises
        if (fn === 'div' && Math.abs(b) === LARGEST) return inf;
        return binaryBound(fn, sized(a, float32.largest), sized(b, float32.largest), exact);
      },
    },
  );
}

const integerPower: Pairwise = (a, b) =>
  b < 0 ? (Math.abs(a) === 1 ? a ** Math.abs(b) : 0) : Number(BigInt.asIntN(32, BigInt(a) ** BigInt(b)));

const ofTwoIntegers: Partial<Record<BinaryName, Pairwise>> = {
  ...ofTwo,
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: Math.imul,
  addRelu: (a, b) => Math.max((a + b) | 0, 0),
};

const integerPairs: readonly Special[] = [
  ...Object.entries(ofTwoIntegers).map(([fn, f]) => ofIntegerPairs(fn as BinaryName, ends, f)),
  ofIntegerPairs('pow', Int32Array.of(0, 1, 2, 31, -1, -(2 ** 31)), integerPower),
  ofIntegerPairs('div', ends, (a, b) => a / b),
  special(
    'equal',
    'equal',
    [ends, [2 ** 31]],
    (a, b) => w.equal(a, b),
    ({ dtype }) => [
      // the largest int32 rounds to 2^31
      truth(dtype === 'float32'),
      ...[0, 0, 0, 0, 0],
    ],
    { title: 'equal of int32 and a float, as floats' },
  ),
];

function ofIntegerPairs(fn: BinaryName, exponents: Int32Array, f: Pairwise): Special {
  const bases = [...ends];
  const right = [...exponents];
  return special(
    fn,
    fn,
    [ends, exponents],
    (a, b) => w[fn](w.reshape(a, [ends.length, 1]), b),
    bases.flatMap((a) => right.map((b) => f(a, b))),
    { title: `${fn} at the ends of int32` },
  );
}

/** The normal distribution function at the finite edges, from a table. */
const phiOf = new Map([
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [2.5, 0.9937903346742238],
]);
const upperPhi = (x: number) => (x === 0 ? 0.5 : (phiOf.get(x) ?? 1));
const phi = (x: number) => (Number.isNaN(x) ? nan : x < 0 ? 1 - upperPhi(-x) : upperPhi(x));
const tanhGelu = (x: number) => x * (0.5 + 0.5 * Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Public function, the operation at its heart, formula, and how far off at 1 where parts of it are less exact than a rounding. */
const activations: readonly [
  fn: string,
  op: string,
  call: (x: w.Tensor) => w.Tensor,
  f: (x: number) => number,
  off?: number,
][] = [
  ['relu6', 'minimum', (x) => w.relu6(x), (x) => (x < 0 ? 0 : Math.min(x, 6))],
  ['leakyRelu', 'where', (x) => w.leakyRelu(x), (x) => (x > 0 ? x : 0.2 * x)],
  ['elu', 'where', (x) => w.elu(x, 2), (x) => (x > 0 ? x : 2 * Math.expm1(x)), 2 ** -20],
  [
    'selu',
    'where',
    (x) => w.selu(x),
    (x) => 1.05070098735548 * (x > 0 ? x : 1.67326324235438 * Math.expm1(x)),
    2 ** -20,
  ],
  ['hardSigmoid', 'maximum', (x) => w.hardSigmoid(x), (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 6 + 0.5)],
  ['softsign', 'div', (x) => w.softsign(x), (x) => (Math.abs(x) > 1e30 ? Math.sign(x) : x / (1 + Math.abs(x)))],
  // at -infinity the product of -infinity and 0
  ['silu', 'sigmoid', (x) => w.silu(x), (x) => x * logistic(x)],
  ['gelu', 'erf', (x) => w.gelu(x), (x) => x * phi(x), 2 ** -20],
  // WGSL promises 1e-5 of tanh
  ['gelu', 'tanh', (x) => w.gelu(x, true), tanhGelu, 1e-5],
  ['mish', 'softplus', (x) => w.mish(x), (x) => x * Math.tanh(softplus(x)), 1e-5],
  ['clip', 'minimum', (x) => w.clip(x, -2, 2), (x) => (x < -2 ? -2 : Math.min(x, 2))],
  ['clip', 'maximum', (x) => w.clip(x, -inf, inf), (x) => x],
];

const activated: readonly Special[] = activations.map(([fn, op, call, f, off], i) =>
  special(
    op,
    fn,
    [edges],
    (x) => call(x),
    ({ largest }) => edges.map((x) => f(sized(x, largest))),
    {
      title: `${fn} (activation ${i})`,
      ...(off !== undefined && { off: (at: number) => off * Math.max(1, Math.abs(edges[at]!)) }),
    },
  ),
);

const chosen = [nan, inf, -inf, LARGEST, 0];

export const elementwiseSpecials: readonly Special[] = [
  ...unary,
  ...integers,
  ...casts,
  ...binary,
  ...integerPairs,
  ...activated,
  special(
    'where',
    'where',
    [
      [true, false, true],
      [nan, 1, inf],
      [2, -inf, nan],
    ],
    (c, a, b) => w.where(c, a, b),
    [nan, -inf, inf],
  ),
  special(
    'where',
    'where',
    [[[true], [false]], chosen],
    (c, a) => w.where(c, a, w.neg(a)),
    [...chosen, ...chosen.map((x) => -x)],
    {
      title: 'where, stretched',
    },
  ),
  special('where', 'where', [[true, true], ends.slice(0, 2)], (c, a) => w.where(c, a, 0), [...ends.slice(0, 2)], {
    title: 'where of int32',
  }),
];
