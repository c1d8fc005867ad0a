import { expect, vi } from 'vitest';
import { runningBackend } from '../../src/engine/runtime.ts';
import { scope } from '../../src/index.ts';

/** What becomes of a call: the error that refuses it before any kernel runs but those that fill its operands, or null. */
export function refusal(call: () => unknown): Error | null {
  const run = vi.spyOn(runningBackend()!, 'run');
  try {
    scope(call);
    return null;
  } catch (error) {
    const kernels = run.mock.calls.map(([{ kernel }]) => kernel).filter((kernel) => kernel !== 'fill');
    expect(kernels, 'kernels that ran first').toEqual([]);
    return error as Error;
  } finally {
    run.mockRestore();
  }
}
