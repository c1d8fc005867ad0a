// Where each value of a program lives. Values share slots, one after another or side by side; but never one that a step reads
// with one that it writes, since WebGPU forbids reading one part of a buffer and writing another in one dispatch.
import { VIEW_ALIGNMENT } from '../backend/backend.ts';
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
  const lives = lifetimes(program, steps, roots);
  const packs = new Set(program.steps.filter((step) => isPlacedPack(step, roots)).map(({ outputs }) => outputs[0]!));
  // The gaps of a pack are read with it, and nothing older may be found there: so that who reads a value can be told.
  const claims = lives.map((life) => (packs.has(life.root) ? { ...life, from: -1 } : life));
  const { slots, spots } = share(claims, quarrels(program, steps, roots));
  const places = new Map<ValueId, Place>();
  program.values.forEach((_, id) => {
    const { root, byteOffset } = roots.get(id)!;
    const spot = spots.get(root);
    if (program.externals.has(root)) places.set(id, { external: root });
    else if (spot) places.set(id, { slot: spot.slot, byteOffset: spot.byteOffset + byteOffset });
  });
  return { slots, leastBytes: mostAtOnce(lives, steps.length), places, steps };
}

/** When a value must keep its memory: from the step that makes it to the last one that reads it, both included. */
interface Lifetime {
  readonly root: ValueId;
  readonly bytes: number;
  readonly from: number;
  to: number;
}

/** Arguments live from before the first step, and they and results for ever: they are read and written in between runs. */
function lifetimes(program: Program, steps: readonly Step[], roots: ReadonlyMap<ValueId, Root>): Lifetime[] {
  const rootOf = (id: ValueId) => roots.get(id)!.root;
  const forever = new Set([...program.inputs, ...program.outputs].map(rootOf));
  const lives = new Map<ValueId, Lifetime>();
  const begin = (root: ValueId, from: number) => {
    if (program.externals.has(root) || lives.has(root)) return;
    const to = forever.has(root) ? Infinity : from;
    lives.set(root, { root, bytes: storageBytes(program.values[root]!), from, to });
  };
  for (const id of program.inputs) begin(rootOf(id), -1);
  steps.forEach((step, i) => {
    for (const id of step.outputs) begin(rootOf(id), i);
    for (const id of [...step.inputs, ...step.outputs]) {
      const life = lives.get(rootOf(id));
      if (life) life.to = Math.max(life.to, i);
    }
  });
  return [...lives.values()];
}

/** Whether two values may not lie in one slot, whenever and wherever. */
type Quarrel = (a: ValueId, b: ValueId) => boolean;

/** Values that one step writes and reads, or writes both of: a kernel may go from one to the other. */
function quarrels(program: Program, steps: readonly Step[], roots: ReadonlyMap<ValueId, Root>): Quarrel {
  const enemies = new Map<ValueId, Set<ValueId>>();
  const add = (a: ValueId, b: ValueId) => enemies.set(a, (enemies.get(a) ?? new Set()).add(b));
  for (const { inputs, outputs } of steps) {
    const rootOf = (id: ValueId) => roots.get(id)!.root;
    const touched = [...inputs, ...outputs].map(rootOf).filter((root) => !program.externals.has(root));
    for (const written of outputs.map(rootOf)) {
      for (const other of touched) {
        add(written, other);
        add(other, written);
      }
    }
  }
  return (a, b) => a !== b && (enemies.get(a)?.has(b) ?? false);
}

interface Spot {
  readonly slot: number;
  readonly byteOffset: number;
}

interface Tenant extends Lifetime {
  readonly start: number;
}

/**
 * Largest first, each value into the first slot that has room for it while it lives (Pisarchyk and Lee, Efficient Memory
 * Management for Deep Neural Net Inference, 2020): a slot is as large as the first in it, so nothing grows.
 */
function share(lives: readonly Lifetime[], quarrel: Quarrel): { slots: number[]; spots: Map<ValueId, Spot> } {
  const slots: Tenant[][] = [];
  const spots = new Map<ValueId, Spot>();
  for (const life of lives.toSorted((a, b) => b.bytes - a.bytes)) {
    const rooms = slots.map((tenants) => roomFor(life, tenants, quarrel));
    const found = rooms.findIndex((start) => start !== null);
    const [slot, start] = found < 0 ? [slots.length, 0] : [found, rooms[found]!];
    slots[slot] ??= [];
    slots[slot].push({ ...life, start });
    spots.set(life.root, { slot, byteOffset: start });
  }
  return { slots: slots.map(([first]) => first!.bytes), spots };
}

/** Where in a slot a value finds room beside those that live when it does; null when nowhere. */
function roomFor(life: Lifetime, tenants: readonly Tenant[], quarrel: Quarrel): number | null {
  if (tenants.some(({ root }) => quarrel(root, life.root))) return null;
  const neighbours = tenants.filter((tenant) => tenant.from <= life.to && life.from <= tenant.to);
  let start = 0;
  for (const neighbour of neighbours.sort((a, b) => a.start - b.start)) {
    if (start + life.bytes <= neighbour.start) break;
    const end = neighbour.start + neighbour.bytes;
    start = Math.max(start, Math.ceil(end / VIEW_ALIGNMENT) * VIEW_ALIGNMENT);
  }
  return start + life.bytes <= tenants[0]!.bytes ? start : null;
}

/** Bytes of all values that live at one step, where that is most. */
function mostAtOnce(lives: readonly Lifetime[], steps: number): number {
  const at = (step: number) => lives.filter(({ from, to }) => from <= step && step <= to);
  const bytes = (alive: readonly Lifetime[]) => alive.reduce((total, life) => total + life.bytes, 0);
  return Math.max(0, ...Array.from({ length: steps }, (_, step) => bytes(at(step))));
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
