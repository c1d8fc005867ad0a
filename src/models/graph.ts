// Layers connected into a graph: which values come from which, in what order layers are listed, and how it is run.
import { ValueError } from '../errors.ts';
import type { CallOptions, Layer, PartialShape } from '../layers/layer.ts';
import type { LayerNode, SymbolicTensor } from '../layers/symbolic.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The models that begin with a value: where it is asked for in a graph around one of them, that one's use says what stands for it. */
const owners = new WeakMap<SymbolicTensor, Layer[]>();

/** Tells that `model` begins with these values. */
export function ownInputs(model: Layer, inputs: readonly SymbolicTensor[]): void {
  for (const input of inputs) {
    const known = owners.get(input);
    if (known) known.push(model);
    else owners.set(input, [model]);
  }
}

/** The uses of nested models, from the outside in, that lead to where a value is made. */
type Path = readonly LayerNode[];

export class Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Uses of layers on this level, in the order of `layers`; a layer that is used twice stands for its first use. */
  readonly nodes: readonly LayerNode[];
  private readonly paths: readonly Path[];

  /** A ValueError where an output depends on something that is not among the inputs. Values inside nested models may be outputs. */
  constructor(who: string, inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.paths = outputs.map((output) => pathTo(who, output, new Set(inputs)));
    this.nodes = inOrder(
      outputs.map((output, i) => this.paths[i]![0] ?? output.node),
      new Set(inputs),
    );
  }

  /** True of an output that is made inside a nested model. */
  isInside(output: SymbolicTensor): boolean {
    return this.paths[this.outputs.indexOf(output)]!.length > 0;
  }

  /** Every layer once: the deepest first, which are those farthest from the outputs; in one depth by the first visit from the outputs. */
  get layers(): readonly Layer[] {
    return this.nodes.map(({ layer }) => layer);
  }

  /** The outputs for these inputs. Layers are run once for each of their uses, those of nested models one by one. */
  run(inputs: readonly Tensor[], options: CallOptions): readonly Tensor[] {
    return this.evaluate(inputs, options, (node, values, given) => node.layer.run(values, given));
  }

  /** What the outputs are when something else than tensors goes through the graph. Nested models are walked through. */
  map<T>(inputs: readonly T[], use: (node: LayerNode, inputs: readonly T[]) => readonly T[]): readonly T[] {
    return this.evaluate(inputs, {}, use);
  }

  /** Shapes of the outputs for inputs of those shapes. */
  outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    return this.evaluate(inputs, {}, (node, shapes) => node.layer.outputShapes(shapes));
  }

  private evaluate<T>(inputs: readonly T[], options: CallOptions, use: Use<T>): readonly T[] {
    const root = new Level<T>(use, options, null);
    this.inputs.forEach((input, i) => {
      root.values.set(input, inputs[i]!);
    });
    return this.outputs.map((output, i) =>
      this.paths[i]!.reduce((level, node) => level.inside(node), root).valueOf(output),
    );
  }
}

type Use<T> = (node: LayerNode, inputs: readonly T[], options: CallOptions) => readonly T[];

/** The values of one graph while it is run; a nested model that is used in it is a level of its own. */
class Level<T> {
  readonly values = new Map<SymbolicTensor, T>();
  private readonly inner = new Map<LayerNode, Level<T>>();
  private readonly use: Use<T>;
  private readonly options: CallOptions;
  /** The use that this level is the inside of, and the level around it. */
  private readonly around: { readonly node: LayerNode; readonly level: Level<T> } | null;

  constructor(use: Use<T>, options: CallOptions, around: Level<T>['around']) {
    this.use = use;
    this.options = options;
    this.around = around;
  }

  inside(node: LayerNode): Level<T> {
    const known = this.inner.get(node);
    if (known) return known;
    const level = new Level(this.use, { ...this.options, ...node.options }, { node, level: this });
    this.inner.set(node, level);
    return level;
  }

  /** A list of what is open, and no call in a call for each layer: networks of thousands of layers would run out of stack. */
  valueOf(symbol: SymbolicTensor): T {
    const open = [symbol];
    for (let next = open.at(-1); next; next = open.at(-1)) {
      const missing = this.values.has(next) ? [] : this.needs(next).filter((one) => !this.values.has(one));
      // the first of them is made first
      open.push(...missing.reverse());
      if (missing.length > 0) continue;
      if (!this.values.has(next)) this.compute(next);
      open.pop();
    }
    return this.values.get(symbol)!;
  }

  /** The values of this level that one is made of. */
  private needs(symbol: SymbolicTensor): readonly SymbolicTensor[] {
    return this.placeAround(symbol) < 0 ? symbol.node.inputs : [];
  }

  /** Which input of the model around this level it is, or -1. */
  private placeAround(symbol: SymbolicTensor): number {
    return this.around?.node.layer.inner?.inputs.indexOf(symbol) ?? -1;
  }

  private compute(symbol: SymbolicTensor): void {
    const { node } = symbol;
    const place = this.placeAround(symbol);
    if (this.around && place >= 0) {
      this.values.set(symbol, this.around.level.valueOf(this.around.node.inputs[place]!));
      return;
    }
    const { inner } = node.layer;
    if (inner) {
      this.values.set(symbol, this.inside(node).valueOf(inner.outputs[symbol.index]!));
      return;
    }
    const inputs = node.inputs.map((input) => this.values.get(input)!);
    const outputs = this.use(node, inputs, { ...this.options, ...node.options });
    node.outputs.forEach((output, i) => {
      this.values.set(output, outputs[i]!);
    });
  }
}

function pathTo(who: string, output: SymbolicTensor, inputs: ReadonlySet<SymbolicTensor>): Path {
  const strange = beginnings(output, inputs).find((beginning) => !inputs.has(beginning));
  if (!strange) return [];
  const uses = (owners.get(strange) ?? []).flatMap(({ nodes }) => nodes);
  const paths = uses.flatMap((node) => {
    const leads =
      node.outputs[0] && beginnings(node.outputs[0], inputs).every((one) => inputs.has(one) || owners.has(one));
    return leads ? [[...pathTo(who, node.outputs[0]!, inputs), node]] : [];
  });
  if (paths.length === 1) return paths[0]!;
  throw new ValueError(
    paths.length === 0
      ? `${who}: the graph is disconnected: ${output.toString()} depends on ${strange.node.layer.name}, which is not among the inputs`
      : `${who}: ${output.toString()} lies in a model that is used ${paths.length} times; build the graph around one of them`,
  );
}

/** The values that one depends on and that nothing in its graph makes. */
function beginnings(output: SymbolicTensor, inputs: ReadonlySet<SymbolicTensor>): SymbolicTensor[] {
  const isBeginning = (symbol: SymbolicTensor) => inputs.has(symbol) || symbol.node.inputs.length === 0;
  const seen = new Set([output]);
  // a set goes on to what is added while it is gone through
  for (const symbol of seen) {
    if (!isBeginning(symbol)) for (const input of symbol.node.inputs) seen.add(input);
  }
  return [...seen].filter(isBeginning);
}

/** The uses that lead to these, in Keras' order of layers. */
function inOrder(ends: readonly LayerNode[], inputs: ReadonlySet<SymbolicTensor>): LayerNode[] {
  const visited = new Set<LayerNode>();
  const finished = new Set<LayerNode>();
  // a layer's place among those of its depth is that of the first visit to any of its uses
  const place = new Map<Layer, number>();
  const open = [...ends].reverse();
  for (let node = open.at(-1); node; node = open.at(-1)) {
    if (visited.has(node)) {
      finished.add(node);
      open.pop();
      continue;
    }
    visited.add(node);
    if (!place.has(node.layer)) place.set(node.layer, place.size);
    // what begins the graph may be made by a layer outside of it
    if (!node.outputs.some((output) => inputs.has(output))) open.push(...node.inputs.map((one) => one.node).reverse());
  }
  const depth = depths([...finished], inputs);
  const first = new Map<Layer, LayerNode>();
  for (const node of finished) if (!first.has(node.layer)) first.set(node.layer, node);
  const isOutside = ({ inputs: needs, outputs }: LayerNode) =>
    needs.length > 0 && outputs.some((one) => inputs.has(one));
  return [...first.values()]
    .filter((node) => !isOutside(node))
    .sort((a, b) => depth.get(b.layer)! - depth.get(a.layer)! || place.get(a.layer)! - place.get(b.layer)!);
}

/** How far each layer is from the outputs, at most. Every use comes after what it needs. */
function depths(uses: readonly LayerNode[], inputs: ReadonlySet<SymbolicTensor>): Map<Layer, number> {
  const ofNode = new Map<LayerNode, number>();
  const ofLayer = new Map<Layer, number>();
  for (const node of [...uses].reverse()) {
    const depth = Math.max(ofNode.get(node) ?? 0, ofLayer.get(node.layer) ?? 0);
    ofNode.set(node, depth);
    ofLayer.set(node.layer, depth);
    if (node.outputs.some((output) => inputs.has(output))) continue;
    for (const { node: before } of node.inputs) ofNode.set(before, Math.max(ofNode.get(before) ?? 0, depth + 1));
  }
  return ofLayer;
}
