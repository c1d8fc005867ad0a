// The draws of a batch as a tensor of parameters, one row for each picture.
import type { Backend } from '../../backend/backend.ts';
import type { AffineColumns } from '../../backend/kernels.ts';
import { currentBackend } from '../../engine/runtime.ts';
import { keep } from '../../engine/scope.ts';
import { concat } from '../../ops/concat.ts';
import { tensor } from '../../ops/create.ts';
import { add, cast, mul } from '../../ops/elementwise.ts';
import { gatherRows } from '../../ops/indexing.ts';
import { reshape } from '../../ops/shape.ts';
import { slice } from '../../ops/slice.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Distribution, type Drawn, drawn } from './draws.ts';

/** Parameters of pictures [n, k], and in which of the columns each number stands. */
export interface Parameters {
  readonly values: Tensor;
  readonly columns: Readonly<Record<Drawn, number>>;
}

/** Where the matrices find what they are made of. Strict: Keras takes the one shift for the other. */
export function affineColumns(columns: Readonly<Record<Drawn, number>>, strict: boolean): AffineColumns {
  const { heightShift, widthShift, channelShift: _, brightness: __, ...same } = columns;
  return { ...same, tx: strict ? heightShift : widthShift, ty: strict ? widthShift : heightShift };
}

const plainColumns = Object.fromEntries(drawn.map((name, i) => [name, i])) as Record<Drawn, number>;

/** Known numbers, the same for each of n pictures. */
export function givenParameters(given: Readonly<Record<Drawn, number>>, n: number): Parameters {
  const row = drawn.map((name) => given[name]);
  return { values: tensor(Array.from({ length: n }, () => row)), columns: plainColumns };
}

interface Tables {
  readonly low: Tensor;
  readonly span: Tensor;
  /** Numbers of which one is drawn, [m, 1]. */
  readonly choices: readonly { readonly name: Drawn; readonly values: Tensor }[];
}

/** Turns uniform numbers [n, 10] into what is drawn for pictures of one size. Its tables are uploaded once for each backend. */
export class ParameterMaker {
  private readonly all: Readonly<Record<Drawn, Distribution>>;
  private readonly tables = new WeakMap<Backend, Tables>();

  constructor(all: Readonly<Record<Drawn, Distribution>>) {
    this.all = all;
  }

  /** u: uniform in [0, 1), one column for each number that is drawn. */
  make(u: Tensor): Parameters {
    const { low, span, choices } = this.tablesHere();
    const spans = add(mul(u, span), low);
    if (choices.length === 0) return { values: spans, columns: plainColumns };
    const chosen = choices.map(({ name, values }) => {
      const at = slice(u, [0, plainColumns[name]], [-1, 1]);
      const place = cast(mul(reshape(at, [u.shape[0]!]), values.shape[0]!), 'int32');
      return gatherRows(values, place);
    });
    const moved = choices.map(({ name }, i) => [name, drawn.length + i] as const);
    return {
      values: concat([spans, ...chosen], 1),
      columns: { ...plainColumns, ...Object.fromEntries(moved) },
    };
  }

  private tablesHere(): Tables {
    const backend = currentBackend();
    const known = this.tables.get(backend);
    if (known) return known;
    const rows = drawn.map((name) => ({ name, one: this.all[name] }));
    const bounds = rows.map(({ one }) => ('values' in one ? { low: 0, high: 0 } : one));
    const made = {
      low: keep(tensor(bounds.map(({ low }) => low))),
      span: keep(tensor(bounds.map(({ low, high }) => high - low))),
      choices: rows.flatMap(({ name, one }) =>
        'values' in one ? [{ name, values: keep(tensor(one.values.map((value) => [value]))) }] : [],
      ),
    };
    this.tables.set(backend, made);
    return made;
  }
}
