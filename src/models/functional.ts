import { ValueError } from '../errors.ts';
import type { Layer } from '../layers/layer.ts';
import { SymbolicTensor } from '../layers/symbolic.ts';
import { kindOf, refuseUnknown } from '../tensor/options.ts';
import { Graph } from './graph.ts';
import { Model as BaseModel } from './model.ts';

type Symbols = SymbolicTensor | readonly SymbolicTensor[];

export interface ModelOptions {
  /** What `Input` gave. */
  readonly inputs: Symbols;
  /** What layers gave for it; values inside nested models too. */
  readonly outputs: Symbols;
  readonly name?: string;
}

/** A graph of layers from inputs to outputs. */
export class Functional extends BaseModel {
  constructor(options: ModelOptions) {
    refuseUnknown('Model', options, ['inputs', 'outputs', 'name']);
    super('Functional', options.name);
    const inputs = symbols(`${this.name}: inputs`, options.inputs);
    const graph = new Graph(this.name, inputs, symbols(`${this.name}: outputs`, options.outputs));
    const names = graph.layers.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice) throw new ValueError(`${this.name}: two layers are called ${twice}; each needs a name of its own`);
    this.setGraph(graph);
  }

  get layers(): readonly Layer[] {
    return this.requireGraph('layers').layers;
  }
}

function symbols(who: string, given: unknown): readonly SymbolicTensor[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw new ValueError(`${who} are missing`);
  return list.map((one) => {
    if (one instanceof SymbolicTensor) return one;
    throw new ValueError(`${who} must be what Input() and layers gave, got ${kindOf(one)}`);
  });
}

interface ModelMaker {
  new (options: ModelOptions): BaseModel;
  (options: ModelOptions): BaseModel;
}

function make(options: ModelOptions): BaseModel {
  return new Functional(options);
}

/** Makes a model of a graph, with `new` or without: `new Model({ inputs, outputs })`. Every model is an instance of it. */
export const Model = Object.assign(make, { prototype: BaseModel.prototype }) as unknown as ModelMaker;
export type Model = BaseModel;
