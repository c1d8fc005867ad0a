import { expect, test } from 'vitest';
import { describeBrowser, describeGpu } from '../adapters.ts';

describeGpu('a suite for the GPU', () => {
  test('runs', () => expect(1).toBe(1));
});

describeBrowser('a suite for the browser', () => {
  test('runs', () => expect(1).toBe(1));
});
