// What is written in place.
import { at, type Definitions, defined, tabulate } from './definition.ts';

export const updates: Definitions<'assign' | 'assignAdd' | 'increment'> = {
  assign: defined('nothing', ([, value]) => Array.from(value!.data)),

  assignAdd: defined('itself', ([target, value], _, y) =>
    tabulate(y.shape, (...i) => at(target, ...i) + at(value, ...i)),
  ),

  increment: defined('nothing', ([counter], { by }) => [at(counter, 0) + by]),
};
