// Every activation against its textbook formula in plain JavaScript, in float64, far below and above its kinks.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as w from '../../src/index.ts';
import { type ActivationName, activate, activationName } from '../../src/ops/activations.ts';

beforeAll(() => w.init({ backend: 'cpu', dtype: 'float64' }));
afterAll(() => w.close());

const values = [-30, -8, -6.5, -3, -1, -0.3, 0, 0.2, 1, 2.5, 3, 5.9, 6.1, 8, 30];
const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log(1 + Math.exp(-Math.abs(x))) + Math.max(x, 0);

/** The normal distribution function, from Marsaglia's series (Journal of Statistical Software 11, 2004). */
function phi(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 3; n < 400; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-(x * x) / 2) * 0.3989422804014327;
}

const total = values.reduce((sum, x) => sum + Math.exp(x), 0);

const formulas: Readonly<Record<ActivationName, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x) => (x >= 0 ? x : 0.2 * x),
  elu: (x) => (x >= 0 ? x : Math.exp(x) - 1),
  selu: (x) => 1.05070098735548 * (x >= 0 ? x : 1.67326324235438 * (Math.exp(x) - 1)),
  sigmoid: logistic,
  hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  tanh: (x) => 2 * logistic(2 * x) - 1,
  exponential: Math.exp,
  softsign: (x) => x / (1 + Math.abs(x)),
  softplus,
  silu: (x) => x * logistic(x),
  swish: (x) => x * logistic(x),
  hard_silu: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  hard_swish: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  gelu: (x) => (Math.abs(x) > 12 ? Math.max(x, 0) : x * phi(x)),
  mish: (x) => x * Math.tanh(softplus(x)),
  softmax: (x) => Math.exp(x) / total,
  log_softmax: (x) => x - Math.log(total),
};

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value), `at ${values[i]}`).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
  });
}

test.each(Object.entries(formulas))('%s', (name, formula) => {
  expectClose(activate(w.tensor(values), name as ActivationName).dataSync(), values.map(formula));
});

test('options change what they say', () => {
  const x = w.tensor(values);
  expectClose(
    w.leakyRelu(x, 0.01).dataSync(),
    values.map((v) => (v >= 0 ? v : 0.01 * v)),
  );
  expectClose(
    w.elu(x, 2).dataSync(),
    values.map((v) => (v >= 0 ? v : 2 * (Math.exp(v) - 1))),
  );
  expectClose(
    w.gelu(x, true).dataSync(),
    values.map((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
  );
  expectClose(
    w.clip(x, -1, 2).dataSync(),
    values.map((v) => Math.min(Math.max(v, -1), 2)),
  );
});

test('what is small stays exact', () => {
  const small = [-1e-3, -1e-6, -1e-9];
  const found = [...w.elu(w.tensor(small)).dataSync()];
  small.forEach((x, i) => {
    expect(Math.abs(found[i]! / Math.expm1(x) - 1), `at ${x}`).toBeLessThan(1e-14);
  });
});

test('an activation is found by its name in either spelling, and an unknown one is refused with those there are', () => {
  expect(activationName('f', 'leakyRelu')).toBe('leaky_relu');
  expect(activationName('f', 'hard_sigmoid')).toBe('hard_sigmoid');
  expect([activationName('f', null), activationName('f', undefined)]).toEqual(['linear', 'linear']);
  expect(() => activationName('f', 'toString')).toThrow(/f: unknown activation "toString"; there are linear, relu/);
});
