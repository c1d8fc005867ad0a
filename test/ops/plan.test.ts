// A plan is run by hand, with marks instead of numbers: every step must find in memory what its operands are made of.
import { expect, test } from 'vitest';
import type { KernelAttrs } from '../../src/backend/kernels.ts';
import { type Place, plan } from '../../src/compile/plan.ts';
import { prune } from '../../src/compile/prune.ts';
import { storageBytes } from '../../src/engine/execute.ts';
import type { OpDefinition } from '../../src/engine/op.ts';
import type { Program, Step, ValueId } from '../../src/engine/program.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { chooser, seeds, show } from '../support/values.ts';

const base = { kernel: 'copy', infer: () => [], gradient: 'not differentiable' } as const;
const compute: OpDefinition = { ...base, name: 'compute' };
const alias: OpDefinition = { ...base, name: 'alias', alias: true };
const update: OpDefinition = { ...base, name: 'update', mutates: [0] };
const OFFSET = 64;
/** Its parts lie 64 floats apart. */
const pack: OpDefinition = {
  ...base,
  name: 'pack',
  places: (attrs) => (attrs as KernelAttrs['pack']).offsets,
};

const float = (size: number) => ({ shape: [size], dtype: 'float32' as const });

/** Grows a program step by step; values are named by their numbers. */
class Draft {
  readonly values: { shape: number[]; dtype: 'float32' }[] = [];
  readonly steps: Step[] = [];
  readonly inputs: ValueId[] = [];
  readonly externals = new Map<ValueId, Tensor>();

  value(size: number): ValueId {
    return this.values.push(float(size)) - 1;
  }

  step(op: OpDefinition, inputs: readonly ValueId[], size: number): ValueId {
    const output = this.value(size);
    const attrs: KernelAttrs['pack'] = { offsets: inputs.map((_, i) => i * OFFSET), size };
    this.steps.push({ op, inputs, outputs: op.mutates ? [] : [output], attrs });
    return output;
  }

  program(outputs: readonly ValueId[]): Program {
    return {
      values: this.values,
      steps: this.steps,
      inputs: this.inputs,
      outputs,
      externals: this.externals,
      owned: [],
    };
  }
}

/** A program with chains, forks, renamed values, packs (of the same and of other packs' values) and updates in place. */
function randomProgram(seed: number): Program {
  const choose = chooser(seed);
  const draft = new Draft();
  for (let i = 0; i < 2; i++) draft.inputs.push(draft.value(choose([4, 40, 300])));
  const variable = draft.value(1000);
  draft.externals.set(variable, new Tensor([1000], 'float32', null));
  const known = [...draft.inputs, variable];
  const recent = () => choose(choose([true, false]) ? known : known.slice(-4));
  const sizeOf = (id: ValueId) => draft.values[id]!.shape[0]!;
  for (let i = 0; i < 25; i++) {
    const kind = choose(['compute', 'compute', 'compute', 'alias', 'pack', 'update'] as const);
    if (kind === 'compute') known.push(draft.step(compute, [recent(), recent()], choose([1, 4, 40, 63, 64, 300])));
    if (kind === 'alias') {
      const source = recent();
      known.push(draft.step(alias, [source], sizeOf(source)));
    }
    if (kind === 'pack') {
      const parts = known.filter((id) => sizeOf(id) <= OFFSET).slice(-choose([1, 2, 3]));
      if (parts.length > 0) known.push(draft.step(pack, parts, parts.length * OFFSET));
    }
    if (kind === 'update') draft.step(update, [variable, recent()], 0);
  }
  return draft.program([recent(), known.at(-1)!]);
}

/** What a value is made of, float by float: the step that made it and the place in it; gaps of a pack are null. */
function contents(program: Program): Map<ValueId, (string | null)[]> {
  const found = new Map<ValueId, (string | null)[]>();
  const marks = (id: ValueId) => Array.from({ length: program.values[id]!.shape[0]! }, (_, i) => `${id}.${i}`);
  for (const id of [...program.inputs, ...program.externals.keys()]) found.set(id, marks(id));
  for (const { op, inputs, outputs, attrs } of program.steps) {
    const id = outputs[0];
    if (id === undefined) continue;
    if (op.alias) found.set(id, found.get(inputs[0]!)!);
    else if (op.places) {
      const whole = marks(id).map(() => null) as (string | null)[];
      op.places(attrs).forEach((offset, i) => {
        whole.splice(offset, found.get(inputs[i]!)!.length, ...found.get(inputs[i]!)!);
      });
      found.set(id, whole);
    } else found.set(id, marks(id));
  }
  return found;
}

/** Runs the plan on marks and gives what went wrong. */
function mistakes(program: Program): string[] {
  const { slots, places, steps } = plan(program);
  const expected = contents(program);
  const found: string[] = [];
  const memory = new Map<string, (string | null)[]>();
  const slotOf = (id: ValueId): string => {
    const place: Place = places.get(id)!;
    return 'slot' in place ? `slot ${place.slot}` : `external ${place.external}`;
  };
  const cells = (id: ValueId) => {
    const place = places.get(id)!;
    const slot = slotOf(id);
    if (!memory.has(slot)) memory.set(slot, []);
    return { all: memory.get(slot)!, first: 'slot' in place ? place.byteOffset / 4 : 0 };
  };
  const write = (id: ValueId, marks: readonly (string | null)[]) => {
    const { all, first } = cells(id);
    const place = places.get(id)!;
    if ('slot' in place && place.byteOffset + storageBytes(program.values[id]!) > slots[place.slot]!)
      found.push(`value ${id} does not fit its slot`);
    if ('slot' in place && place.byteOffset % 256 !== 0) found.push(`value ${id} lies where nothing can be bound`);
    // a kernel may write the rest of the last vector too
    for (let i = 0; i < Math.ceil(marks.length / 4) * 4; i++) all[first + i] = marks[i] ?? 'rest';
  };
  const read = (id: ValueId, who: string) => {
    const { all, first } = cells(id);
    const wrong = expected.get(id)!.findIndex((mark, i) => mark !== null && all[first + i] !== mark);
    if (wrong >= 0) found.push(`${who} finds ${all[first + wrong]} in value ${id}, not ${expected.get(id)![wrong]}`);
  };
  for (const id of [...program.inputs, ...program.externals.keys()]) write(id, expected.get(id)!);
  steps.forEach(({ op, inputs, outputs }, i) => {
    for (const id of inputs) read(id, `step ${i} (${op.name})`);
    for (const id of outputs) {
      if (inputs.some((input) => slotOf(input) === slotOf(id))) found.push(`step ${i} reads and writes ${slotOf(id)}`);
      write(id, expected.get(id)!);
    }
  });
  for (const id of [...program.inputs, ...program.outputs]) read(id, 'the caller');
  return found;
}

test.each(seeds(20))(
  'in random programs every step finds what its operands are made of, seeds from %i00',
  (hundred) => {
    for (let i = 0; i < 100; i++) {
      const seed = hundred * 100 + i;
      const program = randomProgram(seed);
      expect(mistakes(program), `seed ${seed}: ${show(program.steps)}`).toEqual([]);
      expect(mistakes(prune(program)), `seed ${seed}, pruned: ${show(program.steps)}`).toEqual([]);
    }
  },
);

test('a part of a pack that is made from another part is copied in: no step may read and write one buffer', () => {
  const draft = new Draft();
  draft.inputs.push(draft.value(4));
  const first = draft.step(compute, [0], 4);
  const second = draft.step(compute, [first], 4);
  const program = draft.program([draft.step(pack, [first, second], 2 * OFFSET)]);
  expect(mistakes(program)).toEqual([]);
  expect(plan(program).steps.map(({ op }) => op.name)).toEqual(['compute', 'compute', 'pack']);
});

test('independent parts of a pack are written where they belong, and the pack itself costs no step', () => {
  const draft = new Draft();
  draft.inputs.push(draft.value(4));
  const parts = [draft.step(compute, [0], 4), draft.step(alias, [draft.step(compute, [0], 63)], 63)];
  const program = draft.program([draft.step(pack, parts, 2 * OFFSET)]);
  expect(mistakes(program)).toEqual([]);
  expect(plan(program).steps.map(({ op }) => op.name)).toEqual(['compute', 'compute']);
});

test('a value that two packs hold is written into one and copied to the other', () => {
  const draft = new Draft();
  draft.inputs.push(draft.value(4));
  const shared = draft.step(compute, [0], 4);
  const packs = [draft.step(pack, [shared], OFFSET), draft.step(pack, [shared], OFFSET)];
  const program = draft.program(packs);
  expect(mistakes(program)).toEqual([]);
  expect(plan(program).steps.map(({ op }) => op.name)).toEqual(['compute', 'pack']);
});

test('slots are used again: a chain of any length needs two, beside its argument and its result', () => {
  const draft = new Draft();
  draft.inputs.push(draft.value(300));
  let last = 0;
  for (let i = 0; i < 50; i++) last = draft.step(compute, [last], 300);
  expect(mistakes(draft.program([last]))).toEqual([]);
  expect(plan(draft.program([last])).slots.length).toBeLessThanOrEqual(3);
});

test('pruning keeps what a result or a variable depends on, and nothing else', () => {
  const draft = new Draft();
  draft.inputs.push(draft.value(4));
  const variable = draft.value(4);
  draft.externals.set(variable, new Tensor([4], 'float32', null));
  const used = draft.step(compute, [0], 4);
  const lost = draft.step(compute, [used], 4);
  draft.step(compute, [lost], 4);
  const value = draft.step(compute, [0], 4);
  draft.step(update, [variable, value], 0);
  const kept = prune(draft.program([used])).steps;
  expect(kept.map(({ op, outputs }) => [op.name, ...outputs])).toEqual([
    ['compute', used],
    ['compute', value],
    ['update'],
  ]);
});
