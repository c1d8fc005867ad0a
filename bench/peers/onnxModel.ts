// An ONNX file of one operator, by the field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
import protobuf from 'protobufjs/minimal.js';

export interface OneOperator {
  readonly operator: 'Conv' | 'MatMul';
  /** Lists of whole numbers. */
  readonly attributes: Readonly<Record<string, readonly number[]>>;
  /** Of the input x. */
  readonly shape: readonly number[];
  /** Shape and values of the second operand, a constant. */
  readonly constant: readonly number[];
  readonly values: Float32Array;
  /** Shape of the result y. */
  readonly result: readonly number[];
}

const FLOAT = 1;
const INTS = 7;

type Part = (message: Message) => Message;

class Message {
  private readonly writer = protobuf.Writer.create();

  int(field: number, value: number): this {
    this.writer.uint32(field * 8).int64(value);
    return this;
  }

  text(field: number, value: string): this {
    this.writer.uint32(field * 8 + 2).string(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.writer.uint32(field * 8 + 2).bytes(value);
    return this;
  }

  part(field: number, fill: Part): this {
    return this.bytes(field, fill(new Message()).finish());
  }

  each<T>(items: Iterable<T>, add: (message: this, item: T) => void): this {
    for (const item of items) add(this, item);
    return this;
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}

export function onnxModel({ operator, attributes, shape, constant, values, result }: OneOperator): Uint8Array {
  const node: Part = (message) =>
    message
      .text(1, 'x')
      .text(1, 'constant')
      .text(2, 'y')
      .text(4, operator)
      .each(Object.entries(attributes), (node, [name, list]) => {
        node.part(5, (attribute) =>
          attribute
            .text(1, name)
            .each(list, (ints, value) => ints.int(8, value))
            .int(20, INTS),
        );
      });
  const initializer: Part = (message) =>
    message
      .each(constant, (dims, length) => dims.int(1, length))
      .int(2, FLOAT)
      .text(8, 'constant')
      .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const value = (name: string, dims: readonly number[]): Part => {
    const dimensions: Part = (list) => list.each(dims, (shape, length) => shape.part(1, (one) => one.int(1, length)));
    return (message) =>
      message.text(1, name).part(2, (type) => type.part(1, (t) => t.int(1, FLOAT).part(2, dimensions)));
  };
  return new Message()
    .int(1, 8)
    .part(7, (graph) =>
      graph.part(1, node).text(2, 'one').part(5, initializer).part(11, value('x', shape)).part(12, value('y', result)),
    )
    .part(8, (opset) => opset.text(1, '').int(2, 17))
    .finish();
}
