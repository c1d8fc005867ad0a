// Reductions and what is normalised over a row.
import { at, type Definitions, defined, type Operand, tabulate } from './definition.ts';
import { exp, log } from './functions.ts';

/** x as [outer, reduced, inner]: element r of the group that result (o, i) is made of. */
function groups(x: Operand | undefined, shape: { outer: number; reduced: number; inner: number }): number[][] {
  const block: Operand = { ...x!, shape: [shape.outer, shape.reduced, shape.inner] };
  return tabulate([shape.outer, shape.inner], (o, i) => tabulate([shape.reduced], (r) => at(block, o, r, i)));
}

const total = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0);
const largest = (list: readonly number[]) => Math.max(...list);
const smallest = (list: readonly number[]) => Math.min(...list);
/** Integers keep the low 32 bits of their product. */
const product = (list: readonly number[], isInteger: boolean) =>
  isInteger
    ? Number(list.reduce((all, value) => BigInt.asIntN(32, all * BigInt(value)), 1n))
    : list.reduce((all, value) => all * value, 1);

const rowsOf = (x: Operand | undefined): number[][] =>
  tabulate([x!.shape[0]!], (row) => tabulate([x!.shape[1]!], (c) => at(x, row!, c)));

const columnsOf = (x: Operand | undefined): number[][] =>
  tabulate([x!.shape[1]!], (c) => tabulate([x!.shape[0]!], (row) => at(x, row!, c!)));

/** e^x / sum of e^x */
function softmax(row: readonly number[]): number[] {
  const powers = row.map(exp);
  return powers.map((power) => power / total(powers));
}

type Rows =
  | 'reduce'
  | 'argReduce'
  | 'batchNormTraining'
  | 'batchNormTrainingGrad'
  | 'softmax'
  | 'logSoftmax'
  | 'softmaxCrossEntropy';

export const rows: Definitions<Rows> = {
  // y[o, i] = scale * fn over r of x[o, r, i]
  reduce: defined(
    ({ fn }) => (fn === 'max' || fn === 'min' ? 'nothing' : 'terms'),
    ([x], attrs) => {
      const functions = {
        sum: total,
        prod: (list: readonly number[]) => product(list, x!.dtype === 'int32'),
        max: largest,
        min: smallest,
      };
      return groups(x, attrs).map((group) => attrs.scale * functions[attrs.fn](group));
    },
  ),

  // y[o, i] = the first r with the largest, or smallest, x[o, r, i]
  argReduce: defined('nothing', ([x], attrs) =>
    groups(x, attrs).map((group) => group.indexOf(attrs.fn === 'max' ? largest(group) : smallest(group))),
  ),

  // mean = Σ x / rows; variance = Σ (x - mean)² / rows; y = (x - mean) gamma / √(variance + epsilon) + beta
  batchNormTraining: {
    measure: 'operands',
    of: ({ inputs: [x, gamma, beta], attrs: { epsilon } }) => {
      const [count, columns] = [x!.shape[0]!, columnsOf(x)];
      const means = columns.map((column) => total(column) / count);
      const variances = columns.map((column, c) => total(column.map((value) => (value - means[c]!) ** 2)) / count);
      const standard = (value: number, c: number) => (value - means[c]!) / Math.sqrt(variances[c]! + epsilon);
      const y = rowsOf(x).flatMap((row) =>
        row.map((value, c) => standard(value, c) * gamma!.data[c]! + beta!.data[c]!),
      );
      return [y, means, variances];
    },
  },

  // With n = (x - mean) / √(variance + epsilon): dgamma = Σ dy n; dbeta = Σ dy; and dx by the chain rule, one row after another:
  // dx[i] = Σ over j of dy[j] gamma dn[j] / dx[i], where dn[j] / dx[i] = (δij - 1 / rows - n[i] n[j] / rows) / √(variance + epsilon)
  batchNormTrainingGrad: {
    measure: 'operands',
    of: ({ inputs: [x, dy, gamma, mean, variance], attrs: { epsilon } }) => {
      const count = x!.shape[0]!;
      const [columns, slopes] = [columnsOf(x), columnsOf(dy)];
      const roots = columns.map((_, c) => Math.sqrt(variance!.data[c]! + epsilon));
      const standard = columns.map((column, c) => column.map((value) => (value - mean!.data[c]!) / roots[c]!));
      const dx = rowsOf(x).flatMap((row, i) =>
        row.map((_, c) => {
          const n = standard[c]!;
          const moved = n.map((nj, j) => ((i === j ? 1 : 0) - 1 / count - (n[i]! * nj) / count) / roots[c]!);
          return total(moved.map((change, j) => slopes[c]![j]! * gamma!.data[c]! * change));
        }),
      );
      return [
        dx,
        slopes.map((column, c) => total(column.map((slope, j) => slope * standard[c]![j]!))),
        slopes.map(total),
      ];
    },
  },

  softmax: defined('itself', ([x]) => rowsOf(x).flatMap(softmax)),

  logSoftmax: defined('operands', ([x]) => rowsOf(x).flatMap((row) => softmax(row).map(log))),

  // loss = - sum of labels * ln softmax(logits); slope = softmax(logits) * (sum of labels) - labels
  softmaxCrossEntropy: {
    measure: 'operands',
    of: ({ inputs: [logits, labels] }) => {
      const targets = rowsOf(labels);
      const probabilities = rowsOf(logits).map(softmax);
      return [
        probabilities.map((p, row) => -total(p.map((value, c) => targets[row]![c]! * log(value)))),
        probabilities.flatMap((p, row) => p.map((value, c) => value * total(targets[row]!) - targets[row]![c]!)),
      ];
    },
  },
};
