import type { Spec } from '../backend/backend.ts';
import { type Program, ProgramRecorder } from '../engine/program.ts';
import { recording } from '../engine/runtime.ts';
import { increment } from '../engine/variable.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs `step` once on tensors without values and writes down what it does. Its JavaScript side effects happen here, and never again. */
export function trace(step: (...inputs: Tensor[]) => readonly Tensor[], inputs: readonly Spec[]): Program {
  const recorder = new ProgramRecorder();
  const placeholders = inputs.map((spec) => recorder.input(spec));
  const outputs = recording(recorder, () => {
    const results = step(...placeholders);
    if (recorder.runCounter) increment(recorder.runCounter);
    return results;
  });
  return recorder.finish(placeholders, outputs);
}
