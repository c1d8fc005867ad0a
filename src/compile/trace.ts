import type { Spec } from '../backend/backend.ts';
import { type Program, ProgramRecorder } from '../engine/program.ts';
import { recording } from '../engine/runtime.ts';
import { increment, type Variable } from '../engine/variable.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Runs `step` once on tensors without values and writes down what it does. Its JavaScript side effects happen here, and never again.
 * `runs` (int32, one number) counts the runs of several programs together: what they draw at random goes on from one to the other.
 */
export function trace(
  step: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Spec[],
  runs: Variable | null = null,
): Program {
  const recorder = new ProgramRecorder(runs);
  const placeholders = inputs.map((spec) => recorder.input(spec));
  const outputs = recording(recorder, () => {
    const results = step(...placeholders);
    if (recorder.runCounter) increment(recorder.runCounter);
    return results;
  });
  return recorder.finish(placeholders, outputs);
}
