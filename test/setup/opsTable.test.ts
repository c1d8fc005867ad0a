import { expect, test } from 'vitest';
import { formatTable, gaps } from './opsTable.ts';
import { columns, type Proof, proves, type Row } from './proof.ts';

const rows: readonly Row[] = [
  { name: 'relu', kind: 'operation', gradient: 'differentiable' },
  { name: 'adam', kind: 'operation', gradient: 'in place' },
  { name: 'tensor', kind: 'function', gradient: 'no input' },
];

/** A proof of every cell of a row. */
const all = (row: string): Proof[] => columns.map((column) => ({ row, column }));

test('a test may prove several rows and columns', () => {
  const task = { meta: {} };
  proves(task, 'GPU', 'where', 'elu');
  proves(task, 'special values', 'where');
  expect(task.meta).toEqual({
    proofs: [
      { row: 'where', column: 'GPU' },
      { row: 'elu', column: 'GPU' },
      { row: 'where', column: 'special values' },
    ],
  });
});

test('the table counts the tests of each cell, and says why a gradient needs none', () => {
  const proofs = [...all('relu'), ...all('relu'), ...all('tensor').slice(0, 2)];
  expect(formatTable(rows, proofs).split('\n')).toEqual([
    'operation  CPU32  CPU64  GPU  gradient  second gradient  special values',
    'relu           2      2    2         2                2               2',
    'adam           -      -    -  in place         in place               -',
    'function   CPU32  CPU64  GPU  gradient  second gradient  special values',
    'tensor         1      1    -  no input         no input               -',
  ]);
});

test('an empty cell is named, but not one of a column that could not run', () => {
  const proofs = [...all('relu').slice(0, -2), ...all('adam'), ...all('tensor').slice(0, 2)];
  expect(gaps(rows, proofs, columns)).toEqual([
    "no passed test proves 'GPU' of tensor",
    "no passed test proves 'second gradient' of relu",
    "no passed test proves 'special values' of relu, tensor",
  ]);
  expect(gaps(rows, proofs, ['CPU32', 'GPU'])).toEqual(["no passed test proves 'GPU' of tensor"]);
  const full = rows.flatMap(({ name }) => all(name));
  expect(gaps(rows, full, columns)).toEqual([]);
});

test('a proof of what is not there, and a run without rows, are gaps too', () => {
  const proofs = [...rows, { name: 'reluu' }].flatMap(({ name }) => all(name));
  expect(gaps(rows, proofs, columns)).toEqual([
    'a test proves something of reluu, which is no operation and no public function',
  ]);
  expect(gaps([], proofs, columns)).toEqual([
    'no passed test said which rows there must be (test/engine/registry.test.ts does)',
  ]);
});
