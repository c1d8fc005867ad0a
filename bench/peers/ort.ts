// onnxruntime-web on WebGPU: products and convolutions, no gradients. Weights are constants of the model, as in inference.
import * as ort from 'onnxruntime-web/webgpu';
import { type Cell, convolvedShape, geometryOf, product, shapesOf } from '../cells.ts';
import type { Operands } from '../operands.ts';
import { channelsFirst, channelsLast, type Engine, kernelsFirst } from './engine.ts';
import { onnxModel } from './onnxModel.ts';
import { SIDE } from './resnet50.ts';
import { versionOf } from './versions.ts';

export async function onnxRuntime(): Promise<Engine> {
  ort.env.wasm.numThreads = 1;
  const sessions = new Set<ort.InferenceSession>();
  const wait = async () => (await ort.env.webgpu.device).queue.onSubmittedWorkDone();
  const open = async (cell: Cell, operands: Operands) => {
    const plan = operation(cell, operands);
    const session = await ort.InferenceSession.create(plan.model, {
      ...{ executionProviders: ['webgpu'], preferredOutputLocation: 'gpu-buffer', logSeverityLevel: 3 },
    });
    sessions.add(session);
    const device = await ort.env.webgpu.device;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: plan.values.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, plan.values);
    const x = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: plan.shape });
    const once = async () => (await session.run({ x })).y!;
    return { ...plan, session, once, buffer };
  };
  return {
    name: `onnxruntime-web ${versionOf('onnxruntime-web')}`,
    trains: false,
    wait,
    async cell(cell, operands) {
      if (cell.kernel !== 'matmul' && cell.kernel !== 'conv2d') return null;
      const { session, once, buffer, inOurLayout } = await open(cell, operands);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) (await once()).dispose();
          await wait();
        },
        async result() {
          const y = await once();
          const values = await y.getData();
          y.dispose();
          return inOurLayout(values);
        },
        dispose() {
          buffer.destroy();
          sessions.delete(session);
          void session.release();
        },
      };
    },
    trainings: async () => [],
    async inferences({ onnx, picture }) {
      const session = await ort.InferenceSession.create(onnx, {
        ...{ executionProviders: ['webgpu'], preferredOutputLocation: 'cpu', logSeverityLevel: 3 },
      });
      sessions.add(session);
      return [
        {
          name: 'onnxruntime-web run, of the file that we export',
          async run() {
            const x = new ort.Tensor('float32', picture, [1, SIDE, SIDE, 3]);
            const [logits] = Object.values(await session.run({ [session.inputNames[0]!]: x }));
            return logits!.getData();
          },
          dispose() {},
        },
      ];
    },
    async close() {
      for (const session of sessions) await session.release();
    },
  };
}

/** It knows channels first only, and is given its own layout. */
function operation(cell: Cell, { a, b }: Operands) {
  const shapes = shapesOf(cell);
  if (cell.kernel === 'matmul') {
    const [shape, constant, result] = [shapes.a.slice(1), shapes.b.slice(1), shapes.y.slice(1)];
    const model = onnxModel({ operator: 'MatMul', attributes: {}, shape, constant, values: b, result });
    return { model, shape, values: a, inOurLayout: (values: Float32Array) => values };
  }
  const { stride, weights, image } = cell;
  const [n, h, w, c] = image;
  const [r, s, , k] = weights;
  const [, p, q] = convolvedShape(cell);
  const { padTop, padLeft } = geometryOf(cell);
  const pads = [padTop, padLeft, (p - 1) * stride + r - h - padTop, (q - 1) * stride + s - w - padLeft];
  const shape = [n, c, h, w];
  const model = onnxModel({
    ...{ operator: 'Conv', attributes: { strides: [stride, stride], pads: pads.map((pad) => Math.max(0, pad)) } },
    ...{ shape, constant: [k, c, r, s], values: kernelsFirst(b, weights), result: [n, k, p, q] },
  });
  return {
    ...{ model, shape, values: channelsFirst(a, image) },
    inOurLayout: (values: Float32Array) => channelsLast(values.slice(0, product(shapes.y)), shapes.y),
  };
}
