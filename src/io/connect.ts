// Graphs of layers from what files say of their connections.
import { FormatError } from '../errors.ts';
import { ModelInput } from '../layers/inputLayer.ts';
import type { CallOptions, Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolic.ts';
import { kindOf } from '../tensor/options.ts';
import { isObject } from './limits.ts';

/** A layer of a file, and its uses. */
export interface GraphEntry {
  readonly name: string;
  readonly layer: Layer;
  readonly nodes: readonly unknown[];
}

/** Which use of a layer makes a value, and which of its results it is. */
interface Place {
  readonly name: string;
  readonly node: number;
  readonly tensor: number;
}

interface Use {
  readonly inputs: readonly Place[];
  readonly options: CallOptions;
}

interface Part extends GraphEntry {
  readonly uses: readonly Use[];
  /** What the uses made so far give. */
  readonly made: (readonly SymbolicTensor[])[];
  /** The number of the first use: where layers are used, and where the outputs are named. */
  first: number;
  firstEnd: number;
}

/** Connects the layers, each use as soon as there is what it takes. @throws FormatError where that never comes */
export function connectGraph(
  entries: readonly GraphEntry[],
  inputs: unknown,
  outputs: unknown,
  where: string,
): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } {
  const parts = partsOf(entries, where);
  const ends = [inputs, outputs].map((given) => placesIn(given, `${where}: its inputs or outputs`));
  for (const part of parts.values()) numberUses(part, parts, ends.flat());
  const find = (place: Place) => valueAt(parts, place, where, 'first');
  const end = (place: Place) => valueAt(parts, place, where, 'firstEnd');
  // by the layer whose next value they wait for
  const waiting = new Map<string, Part[]>();
  const open = [...parts.values()];
  // it grows while it is gone through
  for (const part of open) {
    const before = part.made.length;
    const missing = connect(part, parts, find);
    if (missing)
      waiting
        .set(missing, waiting.get(missing) ?? [])
        .get(missing)!
        .push(part);
    if (part.made.length === before) continue;
    for (const other of waiting.get(part.name) ?? []) open.push(other);
    waiting.delete(part.name);
  }
  const [stuck] = [...waiting.values()].flat();
  if (stuck)
    throw new FormatError(`${where}: the inputs of ${stuck.name} are never made: its graph goes round in a circle`);
  return { inputs: ends[0]!.map(end), outputs: ends[1]!.map(end) };
}

function partsOf(entries: readonly GraphEntry[], where: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const entry of entries) {
    const { name, layer, nodes } = entry;
    if (parts.has(name)) throw new FormatError(`${where}: two layers are called ${name}`);
    const isInput = layer instanceof ModelInput;
    const uses = isInput ? [] : nodes.map((node) => readUse(node, `${where}: ${name}`));
    parts.set(name, { ...entry, uses, made: isInput ? [[layer.symbol]] : [], first: 0, firstEnd: 0 });
  }
  return parts;
}

/** Makes those uses of a layer whose inputs are there, in their order. The layer that the next one waits for, or null. */
function connect(part: Part, parts: ReadonlyMap<string, Part>, find: (place: Place) => SymbolicTensor): string | null {
  const isMissing = ({ name, node }: Place) => {
    const source = parts.get(name);
    // one that will never come is refused by find
    return source && node - source.first >= source.made.length && node - source.first < source.uses.length;
  };
  for (let use = part.uses[part.made.length]; use; use = part.uses[part.made.length]) {
    const missing = use.inputs.find(isMissing);
    if (missing) return missing.name;
    part.made.push(part.layer.connect(use.inputs.map(find), use.options));
  }
  return null;
}

function valueAt(
  parts: ReadonlyMap<string, Part>,
  { name, node, tensor }: Place,
  where: string,
  first: 'first' | 'firstEnd',
): SymbolicTensor {
  const part = parts.get(name);
  if (!part) throw new FormatError(`${where}: there is no layer ${name}`);
  const value = part.made[node - part[first]]?.[tensor];
  if (value) return value;
  throw new FormatError(`${where}: ${name} has no result ${tensor} of use ${node}`);
}

/**
 * The uses of a nested model are counted from 1 by Keras 2, since there it begins with one of its own, and from 0 by Keras 3, where the outputs
 * of a functional one are counted from 1 all the same.
 */
function numberUses(part: Part, parts: ReadonlyMap<string, Part>, ends: readonly Place[]): void {
  if (!part.layer.inner) return;
  const numbers = (places: readonly Place[]) => places.filter(({ name }) => name === part.name).map(({ node }) => node);
  const used = numbers([...parts.values()].flatMap(({ uses }) => uses.flatMap(({ inputs }) => inputs)));
  const ended = numbers(ends);
  part.first = used.length > 0 && !used.includes(0) ? 1 : 0;
  const isFromOne = part.layer.className === 'Functional' || used.length === 0;
  part.firstEnd = ended.includes(0) ? 0 : isFromOne ? 1 : part.first;
}

/** One use: `{ args, kwargs }` in Keras 3, a list of [layer, node, tensor, kwargs] in Keras 2. */
function readUse(node: unknown, where: string): Use {
  if (isObject(node)) {
    const [first, ...more]: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
    // the operators of tensors have several arguments, layers one that may be a list
    const list = more.length > 0 ? [first, ...more] : Array.isArray(first) ? first : [first];
    return { inputs: list.map((one) => keptPlace(one, where)), options: callOptions(node.kwargs, where) };
  }
  if (!Array.isArray(node) || node.length === 0)
    throw new FormatError(`${where}: ${kindOf(node)} is no use of a layer`);
  // Keras 2 writes the only input of a layer without its list
  const list: readonly unknown[] = Array.isArray(node[0]) ? node : [node];
  const [, , , kwargs] = Array.isArray(list[0]) ? list[0] : [];
  return { inputs: list.map((one) => placeOf(one, where)), options: callOptions(kwargs, where) };
}

function keptPlace(given: unknown, where: string): Place {
  const { class_name: name, config } = isObject(given) ? given : {};
  if (name === '__keras_tensor__' && isObject(config)) return placeOf(config.keras_history, where);
  throw new FormatError(`${where}: takes ${kindOf(given)} where values of other layers are taken`);
}

/** The one argument that a use may have beside its inputs is `training`. */
function callOptions(given: unknown, where: string): CallOptions {
  const kwargs = Object.entries(isObject(given) ? given : {}).filter(([, value]) => value !== null);
  const strange = kwargs.find(([name, value]) => name !== 'training' || typeof value !== 'boolean');
  if (strange) throw new FormatError(`${where}: the argument ${strange[0]} of its call is not known here`);
  return kwargs.length === 0 ? {} : { training: kwargs[0]![1] === true };
}

/** Places of inputs or outputs: a list of them, one without its list, or by names, whose order is that of Keras. */
function placesIn(given: unknown, where: string): Place[] {
  const named = isObject(given)
    ? Object.keys(given)
        .sort()
        .map((name) => given[name])
    : [];
  const list: readonly unknown[] = Array.isArray(given) ? given : named;
  return (list.length === 3 && typeof list[0] === 'string' ? [list] : list).map((one) => placeOf(one, where));
}

function placeOf(given: unknown, where: string): Place {
  const [name, node, tensor]: readonly unknown[] = Array.isArray(given) ? given : [];
  if (typeof name === 'string' && isCount(node) && isCount(tensor)) return { name, node, tensor };
  throw new FormatError(`${where}: ${JSON.stringify(given)} is no place [layer, node, tensor]`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
