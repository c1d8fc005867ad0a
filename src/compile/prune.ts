import type { Program, ValueId } from '../engine/program.ts';

/** The program without steps that neither an output nor a variable depends on. */
export function prune(program: Program): Program {
  const wanted = new Set<ValueId>(program.outputs);
  const kept = [...program.steps].reverse().filter((step) => {
    if (!step.op.mutates && !step.outputs.some((id) => wanted.has(id))) return false;
    for (const id of step.inputs) wanted.add(id);
    return true;
  });
  return { ...program, steps: kept.reverse() };
}
