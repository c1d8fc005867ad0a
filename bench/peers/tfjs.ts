// TensorFlow.js on its WebGPU backend, and on its plain CPU backend for R1.
import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type Cell, shapesOf } from '../cells.ts';
import type { Operands } from '../operands.ts';
import type { TrainingStart } from '../training.ts';
import { r1 } from '../workloads.ts';
import type { Engine, Inference, Training } from './engine.ts';
import { type FoldedConv, type InferenceStart, SIDE } from './resnet50.ts';
import { versionOf } from './versions.ts';

const STEPS = 3;

export async function tfjs(): Promise<Engine> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('its WebGPU backend does not start');
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) throw new Error('its backend is another one');
  const wait = async () => {
    // It collects up to fifteen dispatches in an open pass.
    if (backend.commandEncoder) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
    await backend.device.queue.onSubmittedWorkDone();
  };
  return {
    name: `tfjs ${versionOf('@tensorflow/tfjs')}`,
    trains: true,
    wait,
    async cell(cell, operands) {
      await tf.setBackend('webgpu');
      const { inputs, ask } = operation(cell, operands);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) ask().dispose();
          await wait();
        },
        async result() {
          const result = ask();
          const values = await result.data();
          result.dispose();
          return values;
        },
        dispose() {
          for (const input of inputs) input.dispose();
        },
      };
    },
    trainings: async (start) => [...(await trainings('webgpu', start)), ...(await trainings('cpu', start))],
    async inferences(start) {
      await tf.setBackend('webgpu');
      return [resnet50(start)];
    },
    close: async () => {},
  };
}

/** The gradients by the kernels behind tf.grad, which alone would compute the convolution as well. */
function operation(cell: Cell, operands: Operands): { inputs: tf.Tensor[]; ask: () => tf.Tensor } {
  const shapes = shapesOf(cell);
  const matrix = (shape: readonly number[]) => (cell.kernel === 'matmul' ? shape.slice(1) : shape);
  const a = tf.tensor(operands.a, matrix(shapes.a));
  const b = tf.tensor(operands.b, matrix(shapes.b));
  const inputs = [a, b];
  if (cell.kernel === 'matmul') return { inputs, ask: () => tf.matMul(a, b) };
  const { stride, padding, image, weights } = cell;
  if (cell.kernel === 'conv2d') return { inputs, ask: () => tf.conv2d(a, b, stride, padding) };
  const attrs = { strides: [stride, stride], pad: padding, dataFormat: 'NHWC' };
  const { runKernel } = tf.engine();
  if (cell.kernel === 'conv2dGradInput') {
    const ask = () =>
      runKernel.call(tf.engine(), 'Conv2DBackpropInput', { dy: a, filter: b }, { ...attrs, inputShape: image });
    return { inputs, ask };
  }
  const ask = () =>
    runKernel.call(tf.engine(), 'Conv2DBackpropFilter', { x: a, dy: b }, { ...attrs, filterShape: weights });
  return { inputs, ask };
}

/** `trainOnBatch`, and on the GPU `fit` too: whichever is better counts. */
async function trainings(backend: 'webgpu' | 'cpu', start: TrainingStart): Promise<Training[]> {
  await tf.setBackend(backend);
  const { batchSize, sample } = r1;
  const { pixels, labels } = start.pictures;
  const x = tf.tensor(pixels, [labels.length, ...sample]);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
  const part = (first: number, steps: number) => ({
    x: x.slice([first * batchSize, 0, 0, 0], [steps * batchSize, ...sample]),
    y: y.slice([first * batchSize, 0], [steps * batchSize, 10]),
  });
  const batches = start.losses.map((_, i) => part(i, 1));
  const training = (
    name: string,
    steps: number,
    train: (batch: Batch) => Promise<number>,
    run: () => Promise<void>,
  ) => ({
    ...{ name, gpu: backend === 'webgpu', steps },
    async losses() {
      await tf.setBackend(backend);
      const found: number[] = [];
      for (const batch of batches) found.push(await train(batch));
      return found;
    },
    async run() {
      await tf.setBackend(backend);
      await run();
    },
  });
  const first = r1Model(start);
  const trainOnBatch = async (batch: Batch) => {
    const logs = await first.trainOnBatch(batch.x, batch.y);
    return Array.isArray(logs) ? logs[0]! : logs;
  };
  const stepwise = (name: string, steps: number) =>
    training(name, steps, trainOnBatch, async () => {
      for (const batch of batches.slice(0, steps)) await trainOnBatch(batch);
    });
  if (backend === 'cpu') return [stepwise('tfjs cpu trainOnBatch', 1)];
  const second = r1Model(start);
  const some = part(0, STEPS);
  const fit = async (data: Batch) => {
    const { history } = await second.fit(data.x, data.y, { batchSize, epochs: 1, shuffle: true, verbose: 0 });
    return history.loss[0]!;
  };
  return [
    stepwise('tfjs trainOnBatch', STEPS),
    training('tfjs fit', STEPS, fit, async () => {
      await fit(some);
    }),
  ];
}

interface Batch {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

function weightsOf({ weights }: TrainingStart): tf.Tensor[] {
  const shapes = [[3, 3, 1, 32], [32], [5408, 10], [10]];
  return weights.map((values, i) => tf.tensor(values, shapes[i]!));
}

function r1Model(start: TrainingStart) {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [...r1.sample] }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  model.setWeights(weightsOf(start));
  return model;
}

/** Folded and fused, as its converter would make of the network. */
function resnet50({ folded: { stem, blocks, classifier }, picture }: InferenceStart): Inference {
  const made: tf.Tensor[] = [];
  const constant = (values: Float32Array, shape: readonly number[]) => {
    made.push(tf.tensor(values, shape));
    return made.at(-1)!;
  };
  const convolution = ({ kernel, shape, bias, stride }: FoldedConv, activation: 'relu' | 'linear') => {
    const [filter, biases] = [constant(kernel, shape), constant(bias, [bias.length])];
    const pad = shape[0] === 3 ? 'same' : 'valid';
    return (x: tf.Tensor) => tf.fused.conv2d({ x, filter, strides: stride, pad, bias: biases, activation });
  };
  const first = convolution(stem, 'relu');
  const residuals = blocks.map(({ shortcut, convolutions }) => {
    const project = shortcut && convolution(shortcut, 'linear');
    const chain = convolutions.map((one, i) => convolution(one, i < 2 ? 'relu' : 'linear'));
    return (x: tf.Tensor) =>
      tf.relu(
        tf.add(
          project?.(x) ?? x,
          chain.reduce((value, convolve) => convolve(value), x),
        ),
      );
  });
  const [kernel, bias] = [constant(classifier.kernel, classifier.shape), constant(classifier.bias, [1000])];
  const frame = (x: tf.Tensor, width: number) =>
    tf.pad(x, [
      [0, 0],
      [width, width],
      [width, width],
      [0, 0],
    ]);
  const infer = () =>
    tf.tidy(() => {
      const x = first(frame(tf.tensor(picture, [1, SIDE, SIDE, 3]), 3));
      const pooled = tf.maxPool(frame(x, 1), 3, 2, 'valid');
      const features = residuals.reduce((value, block) => block(value), pooled);
      return tf.add(tf.matMul(tf.mean(features, [1, 2]), kernel), bias);
    });
  return {
    name: 'tfjs, folded and fused',
    async run() {
      const logits = infer();
      const values = await logits.data();
      logits.dispose();
      return values;
    },
    dispose() {
      for (const one of made) one.dispose();
    },
  };
}
