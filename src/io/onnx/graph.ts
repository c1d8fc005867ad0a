// An ONNX graph under way: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto holds the numbers of the fields.
import type { PartialShape } from '../../layers/layer.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { version } from '../../version.ts';
import { Message } from './protobuf.ts';

/** The edition of operators, and of the file, that goes with it. */
const [OPSET, FILE] = [18, 8];

const [FLOAT, INT64] = [1, 7];

export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A value of the graph. */
export interface Value {
  readonly name: string;
  /** Batch first and channels last, whatever the order in which it lies. */
  readonly shape: PartialShape;
  /** True when it lies with its channels before rows and columns, as convolutions want them there. */
  readonly channelsFirst: boolean;
}

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

export class OnnxGraph {
  private readonly nodes: Message[] = [];
  private readonly constants: Message[] = [];
  private readonly names = new Map<string, number>();
  private readonly turned = new Map<string, string>();

  /** A name that nobody has yet. */
  name(wanted: string): string {
    const count = this.names.get(wanted) ?? 0;
    this.names.set(wanted, count + 1);
    return count === 0 ? wanted : this.name(`${wanted}_${count}`);
  }

  /** Adds an operation of one result; returns its name. An empty input is one that is left out. */
  node(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    as?: string,
  ): string {
    const output = as ?? this.name(operation.toLowerCase());
    const node = new Message().texts(1, inputs).text(2, output).text(3, `node_${output}`).text(4, operation);
    this.nodes.push(
      node.messages(
        5,
        Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ),
    );
    return output;
  }

  /** Floats that do not change. */
  floats(name: string, shape: readonly number[], data: ArrayLike<number>): string {
    const found = this.name(name);
    this.constants.push(tensor(found, shape, FLOAT, new Uint8Array(Float32Array.from(data).buffer)));
    return found;
  }

  /** One float for everything that it meets. */
  float(value: number): string {
    return this.floats('number', [], [value]);
  }

  /** A list of whole numbers. */
  ints(values: readonly number[]): string {
    const found = this.name('list');
    const data = BigInt64Array.from(values, BigInt);
    this.constants.push(tensor(found, [values.length], INT64, new Uint8Array(data.buffer)));
    return found;
  }

  /** The name of a value with its channels last. */
  last(value: Value): string {
    return value.channelsFirst ? this.turn(value.name, TO_LAST) : value.name;
  }

  /** That of an image with its channels first. */
  first(value: Value): string {
    return value.channelsFirst ? value.name : this.turn(value.name, TO_FIRST);
  }

  /** Turned once, whoever asks. */
  private turn(name: string, perm: readonly number[]): string {
    const key = `${name} ${perm}`;
    const found = this.turned.get(key) ?? this.node('Transpose', [name], { perm });
    this.turned.set(key, found);
    return found;
  }

  /** The bytes of the file. */
  encode(name: string, inputs: readonly Value[], outputs: readonly Value[]): Uint8Array<ArrayBuffer> {
    const graph = new Message()
      .messages(1, this.nodes)
      .text(2, name)
      .messages(5, this.constants)
      .messages(11, inputs.map(described))
      .messages(12, outputs.map(described));
    return new Message()
      .int(1, FILE)
      .text(2, 'wgslgrad')
      .text(3, version)
      .message(7, graph)
      .message(8, new Message().text(1, '').int(2, OPSET))
      .encode();
  }
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  const kinds = { float: 1, int: 2, text: 3, ints: 7 };
  if (typeof value === 'number') return message.int(3, value).int(20, kinds.int);
  if (typeof value === 'string') return message.text(4, value).int(20, kinds.text);
  if ('float' in value) return message.float(2, value.float).int(20, kinds.float);
  return message.ints(8, value).int(20, kinds.ints);
}

function tensor(name: string, shape: readonly number[], type: number, data: Uint8Array): Message {
  return new Message().ints(1, shape).int(2, type).text(8, name).bytes(9, data);
}

/** A length that is not known has a name: that of the value and its place, and `N` for the batch. */
function described({ name, shape }: Value): Message {
  const dims = shape.map((length, d) => {
    const dim = new Message();
    return length === null ? dim.text(2, d === 0 ? 'N' : `${name}_${d}`) : dim.int(1, length);
  });
  const type = new Message().int(1, FLOAT).message(2, new Message().messages(1, dims));
  return new Message().text(1, name).message(2, new Message().message(1, type));
}

/** Numbers of an array with its axes in another order. */
export function transposed(data: ArrayLike<number>, shape: readonly number[], perm: readonly number[]): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  const strides = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
  const lengths = perm.map((d) => shape[d]!);
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = data[index.reduce((sum, place, d) => sum + place * strides[perm[d]!]!, 0)]!;
    for (let d = index.length - 1; d >= 0 && ++index[d]! === lengths[d]; d--) index[d] = 0;
  }
  return result;
}
