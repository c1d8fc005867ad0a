import { currentBackend } from '../engine/runtime.ts';
import { Variable } from '../engine/variable.ts';
import type { SharedStorage } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { FlatLayout } from './flatLayout.ts';

/** Something that an optimizer keeps for each element of its variables. */
export interface Slot {
  /** As Keras names it. */
  readonly name: string;
  /** Whether the settings need it; default true. */
  readonly used?: boolean;
  /** What it begins with; default 0. */
  readonly start?: number | 'the variable';
}

/** The slots of all variables that an optimizer has met. They outlive a change of what is trained: who comes back finds his own. */
export class Slots {
  private readonly known = new WeakMap<Variable, Map<Slot, Variable>>();

  of(variable: Variable, slot: Slot): Variable | undefined {
    return this.known.get(variable)?.get(slot);
  }

  /** One slot of all variables of a layout, side by side in a flat tensor. Those that are missing are made. */
  gather(slot: Slot, layout: FlatLayout): Tensor {
    return layout.flat((variable, memory, byteOffset) => {
      const known = this.of(variable, slot);
      if (known) return known.moveTo(memory, byteOffset);
      const own = this.known.get(variable) ?? new Map<Slot, Variable>();
      this.known.set(variable, own.set(slot, slotAt(variable, slot, memory, byteOffset)));
    });
  }
}

/** Filled at once, even while a step is recorded: none of its runs may start the slot anew. */
function slotAt(variable: Variable, { name, start = 0 }: Slot, memory: SharedStorage, byteOffset: number): Variable {
  const { shape, dtype } = variable;
  const made = new Variable(new Tensor(shape, dtype, memory.retain(), byteOffset), {
    name: `${variable.name.replaceAll('/', '_')}_${name}`,
    trainable: false,
  });
  const outputs = [made.locate()];
  const backend = currentBackend();
  if (start === 'the variable') {
    backend.run({ kernel: 'copy', inputs: [variable.locate()], outputs, attrs: { shape } });
  } else backend.run({ kernel: 'fill', inputs: [], outputs, attrs: { value: start, shape, dtype } });
  return made;
}
