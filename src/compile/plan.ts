// Where each value of a program lives. Values get whole slots (WebGPU forbids reading one part of a buffer and writing
// another in one dispatch); a slot is used again as soon as its value is read for the last time.
import { storageBytes } from '../engine/execute.ts';
import type { Program, Step, ValueId } from '../engine/program.ts';
import { bytesOf } from '../tensor/dtype.ts';

/** A range of a slot, or of whatever an external tensor lies in. */
export type Place = { readonly slot: number; readonly byteOffset: number } | { readonly external: ValueId };

export interface Plan {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  /** Bytes of all values that must exist at once, where that is most: no plan can do with fewer. */
  readonly leastBytes: number;
  readonly places: ReadonlyMap<ValueId, Place>;
  /** The steps that run: those that only rename or regroup values are gone. */
  readonly steps: readonly Step[];
}

export function plan(program: Program): Plan {
  const roots = findRoots(program);
  const steps = program.steps.filter((step) => !step.op.alias && !isPlacedPack(step, roots));
  const slots: number[] = [];
  const slotOf = new Map<ValueId, number>();
  const free: number[] = [];
  const lastUse = lastUses(program, steps, roots);

  const claim = (root: ValueId) => {
    if (slotOf.has(root)) return;
    const bytes = storageBytes(program.values[root]!);
    const best = bestFit(free, slots, bytes);
    slotOf.set(root, best ?? slots.length);
    if (best === null) slots.push(bytes);
    else free.splice(free.indexOf(best), 1);
  };

  const alive = new Set<ValueId>();
  let leastBytes = 0;
  const begin = (root: ValueId) => {
    claim(root);
    alive.add(root);
  };
  for (const id of program.inputs) begin(roots.get(id)!.root);
  steps.forEach((step, i) => {
    for (const id of step.outputs) if (!isExternal(program, roots, id)) begin(roots.get(id)!.root);
    leastBytes = Math.max(leastBytes, sumOf([...alive].map((root) => storageBytes(program.values[root]!))));
    for (const root of lastUse.get(i) ?? []) {
      free.push(slotOf.get(root)!);
      alive.delete(root);
    }
  });

  const places = new Map<ValueId, Place>();
  program.values.forEach((_, id) => {
    const { root, byteOffset } = roots.get(id)!;
    if (program.externals.has(root)) places.set(id, { external: root });
    else if (slotOf.has(root)) places.set(id, { slot: slotOf.get(root)!, byteOffset });
  });
  return { slots, leastBytes, places, steps };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface Root {
  readonly root: ValueId;
  readonly byteOffset: number;
}

/** The value whose storage each value lies in: itself, what it is another shape of, or the pack that it is written into. */
function findRoots(program: Program): Map<ValueId, Root> {
  const roots = new Map<ValueId, Root>();
  program.values.forEach((_, id) => {
    roots.set(id, { root: id, byteOffset: 0 });
  });
  for (const step of program.steps) {
    if (step.op.alias) roots.set(step.outputs[0]!, roots.get(step.inputs[0]!)!);
  }
  const filled = new Set<ValueId>();
  for (const step of program.steps) {
    if (!step.op.places) continue;
    const target = step.outputs[0]!;
    const offsets = step.op.places(step.attrs);
    const parts = step.inputs.map((id) => roots.get(id)!.root);
    if (parts.some((part) => filled.has(part)) || !canPlace(program, roots, parts)) continue;
    filled.add(target);
    parts.forEach((part, i) => {
      moveRoot(roots, part, { root: target, byteOffset: offsets[i]! * bytesOf(program.values[part]!.dtype) });
    });
  }
  return roots;
}

/**
 * Only values that a step of this program makes, each once, can be written elsewhere from the start; and none that is
 * made from another of them, since then a step would read and write one buffer.
 */
function canPlace(program: Program, roots: ReadonlyMap<ValueId, Root>, parts: readonly ValueId[]): boolean {
  const steps = program.steps.filter((step) => !step.op.alias);
  const made = new Set(steps.flatMap((step) => step.outputs));
  const together = new Set(parts);
  const isPart = (id: ValueId) => together.has(roots.get(id)!.root);
  return (
    together.size === parts.length &&
    parts.every((part) => made.has(part)) &&
    !steps.some((step) => step.outputs.some(isPart) && step.inputs.some(isPart))
  );
}

function moveRoot(roots: Map<ValueId, Root>, from: ValueId, to: Root): void {
  for (const [id, { root }] of roots) if (root === from) roots.set(id, to);
}

function isPlacedPack(step: Step, roots: ReadonlyMap<ValueId, Root>): boolean {
  return step.op.places !== undefined && roots.get(step.inputs[0]!)!.root === step.outputs[0];
}

function isExternal(program: Program, roots: ReadonlyMap<ValueId, Root>, id: ValueId): boolean {
  return program.externals.has(roots.get(id)!.root);
}

/** For each step, the roots that nothing after it reads or writes. Arguments and results live to the end. */
function lastUses(program: Program, steps: readonly Step[], roots: ReadonlyMap<ValueId, Root>): Map<number, ValueId[]> {
  const forever = new Set(
    [...program.inputs, ...program.outputs, ...program.externals.keys()].map((id) => roots.get(id)!.root),
  );
  const last = new Map<ValueId, number>();
  steps.forEach((step, i) => {
    for (const id of [...step.inputs, ...step.outputs]) last.set(roots.get(id)!.root, i);
  });
  const ends = new Map<number, ValueId[]>();
  for (const [root, i] of last) if (!forever.has(root)) ends.set(i, [...(ends.get(i) ?? []), root]);
  return ends;
}

/** The smallest free slot that holds `bytes` and wastes less than half of itself. */
function bestFit(free: readonly number[], slots: readonly number[], bytes: number): number | null {
  let best: number | null = null;
  for (const slot of free) {
    const fits = slots[slot]! >= bytes && slots[slot]! < 2 * bytes + 4096;
    if (fits && (best === null || slots[slot]! < slots[best]!)) best = slot;
  }
  return best;
}
