// What every run of a program would compute anew from the same values: it is computed before the first run, and again only when these
// values have changed. For weights that nobody trains that is much: normalisation folded into kernels, for one.
import { allocateTensor } from '../engine/execute.ts';
import type { Program, Step, ValueId } from '../engine/program.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface Hoisted {
  /** Computes `made` from values that no step of `body` changes; null where there is nothing of that kind. */
  readonly before: Program | null;
  readonly body: Program;
  /** What the one hands to the other. */
  readonly made: readonly Tensor[];
}

/** The program in two parts. Steps that only rename values stand in both. */
export function hoist(program: Program): Hoisted {
  const fixed = fixedValues(program);
  const isFixed = (step: Step) => !step.op.alias && step.outputs.some((id) => fixed.has(id));
  const computed = program.steps.filter(isFixed);
  if (computed.length === 0) return { before: null, body: program, made: [] };

  const makers = new Set(computed.flatMap(({ outputs }) => outputs));
  const rootOf = rootsOf(program);
  const later = program.steps.filter((step) => !isFixed(step));
  const read = later.flatMap((step) => (step.op.alias ? [] : step.inputs));
  const handed = [...new Set([...read, ...program.outputs].map(rootOf))].filter((id) => makers.has(id));
  const tensors = new Map<ValueId, Tensor>(handed.map((id) => [id, allocateTensor(program.values[id]!)]));
  const externals = new Map([...program.externals, ...tensors]);
  const aliases = program.steps.filter(({ op, inputs }) => op.alias && fixed.has(inputs[0]!));
  const kept = new Set([...computed, ...aliases]);
  return {
    before: {
      ...program,
      inputs: [],
      outputs: [],
      externals,
      owned: [],
      steps: program.steps.filter((step) => kept.has(step)),
    },
    body: { ...program, externals, steps: later },
    made: [...tensors.values()],
  };
}

/** The values that follow from tensors from outside alone which no step changes. */
function fixedValues({ steps, externals }: Program): ReadonlySet<ValueId> {
  const storageOf = (id: ValueId) => externals.get(id)?.locate().storage;
  const changed = new Set(steps.flatMap(({ op, inputs: read }) => (op.mutates ?? []).map((i) => storageOf(read[i]!))));
  const fixed = new Set<ValueId>();
  for (const id of externals.keys()) if (!changed.has(storageOf(id))) fixed.add(id);
  for (const { op, inputs: read, outputs } of steps) {
    if (op.mutates || !read.every((id) => fixed.has(id))) continue;
    for (const id of outputs) fixed.add(id);
  }
  return fixed;
}

/** The value that each is another shape of. */
function rootsOf({ steps }: Program): (id: ValueId) => ValueId {
  const roots = new Map<ValueId, ValueId>();
  const rootOf = (id: ValueId) => roots.get(id) ?? id;
  for (const { op, inputs, outputs } of steps) if (op.alias) roots.set(outputs[0]!, rootOf(inputs[0]!));
  return rootOf;
}
