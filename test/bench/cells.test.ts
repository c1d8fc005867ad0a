import { expect, test } from 'vitest';
import {
  allCells,
  bytesOf,
  comparedCells,
  conv2d,
  flopsOf,
  matmul,
  nameOf,
  resnet50Cells,
  shapesOf,
} from '../../bench/cells.ts';

test('work is counted as the definitions have it', () => {
  expect(flopsOf(matmul(2, 3, 5))).toBe(60);
  expect(bytesOf(matmul(2, 3, 5))).toBe(4 * (6 + 15 + 10));
  // 56 x 56 x 64 results of 3 x 3 x 64 products each
  expect(flopsOf(conv2d([1, 56, 56, 64], [3, 3, 64, 64], 1, 'same'))).toBe(2 * 56 * 56 * 64 * 9 * 64);
  expect(shapesOf(conv2d([1, 224, 224, 3], [7, 7, 3, 64], 2, 'same')).y).toEqual([1, 112, 112, 64]);
});

test('ResNet50 has twenty distinct convolutions, the last on 7x7', () => {
  const cells = resnet50Cells();
  expect(cells.length).toBe(20);
  expect(shapesOf(cells[0]!).y).toEqual([1, 112, 112, 64]);
  expect(shapesOf(cells.at(-1)!).y).toEqual([1, 7, 7, 512]);
});

test('every cell is timed once, and those that are compared are among them', () => {
  const names = allCells().map(nameOf);
  expect(new Set(names).size).toBe(names.length);
  expect(comparedCells.filter((cell) => !names.includes(nameOf(cell)))).toEqual([]);
});
