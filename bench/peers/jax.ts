// jax-js on WebGPU. It knows channels first only, so it is given its own layout and pays for no transposition.
import * as jax from '@jax-js/jax';
import { type Cell, type ConvCell, convolvedShape, shapesOf } from '../cells.ts';
import type { Operands } from '../operands.ts';
import type { TrainingStart } from '../training.ts';
import { r1 } from '../workloads.ts';
import {
  type CellRun,
  channelsFirst,
  channelsLast,
  type Engine,
  type Inference,
  kernelsFirst,
  kernelsLast,
  permuted,
  type Training,
} from './engine.ts';
import { type FoldedConv, type InferenceStart, SIDE } from './resnet50.ts';
import { versionOf } from './versions.ts';

const { numpy: np, nn, lax } = jax;
const STEPS = 10;

export async function jaxJs(): Promise<Engine> {
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
  const wait = () => jax.getWebGPUDevice().queue.onSubmittedWorkDone();
  return {
    name: `jax-js ${versionOf('@jax-js/jax')}`,
    trains: true,
    wait,
    async cell(cell, operands): Promise<CellRun> {
      const { inputs, ask, inOurLayout } = operation(cell, operands);
      const once = () => ask(...inputs.map(({ ref }) => ref));
      return {
        async run(times) {
          const results = Array.from({ length: times }, once);
          // Nothing runs before somebody waits for it.
          await jax.blockUntilReady(results);
          await wait();
          for (const result of results) result.dispose();
        },
        result: async () => inOurLayout(await once().data()),
        dispose() {
          for (const input of inputs) input.dispose();
          ask.dispose();
        },
      };
    },
    trainings: async (start) => [training(start)],
    inferences: async (start) => [resnet50(start)],
    close: async () => {},
  };
}

type Arrays = jax.Array[];

function operation(cell: Cell, { a, b }: Operands) {
  const shapes = shapesOf(cell);
  if (cell.kernel === 'matmul') {
    const [left, right] = [array(a, shapes.a.slice(1)), array(b, shapes.b.slice(1))];
    const ask = jax.jit((...[x, y]: Arrays) => np.matmul(x!, y!));
    return { inputs: [left, right], ask, inOurLayout: (values: Float32Array) => values };
  }
  const convolve = convolution(cell);
  const image = (values: Float32Array, shape: readonly number[]) =>
    array(channelsFirst(values, shape), [shape[0]!, shape[3]!, shape[1]!, shape[2]!]);
  const weights = (values: Float32Array, shape: readonly number[]) =>
    array(kernelsFirst(values, shape), [shape[3]!, shape[2]!, shape[0]!, shape[1]!]);
  switch (cell.kernel) {
    case 'conv2d': {
      const ask = jax.jit((...[x, kernel]: Arrays) => convolve(x!, kernel!));
      const inOurLayout = (values: Float32Array) => channelsLast(values, convolvedShape(cell));
      return { inputs: [image(a, shapes.a), weights(b, shapes.b)], ask, inOurLayout };
    }
    // Both are linear in what is differentiated, so that its values do not matter and jit drops the convolution itself.
    case 'conv2dGradInput': {
      const [n, h, w, c] = cell.image;
      const ask = jax.jit((...[dy, kernel]: Arrays) =>
        gradient((x) => convolve(x, kernel!.ref), [n, c, h, w], dy!, kernel!),
      );
      const inOurLayout = (values: Float32Array) => channelsLast(values, cell.image);
      return { inputs: [image(a, shapes.a), weights(b, shapes.b)], ask, inOurLayout };
    }
    case 'conv2dGradKernel': {
      const [r, s, c, k] = cell.weights;
      const ask = jax.jit((...[x, dy]: Arrays) =>
        gradient((kernel) => convolve(x!.ref, kernel), [k, c, r, s], dy!, x!),
      );
      const inOurLayout = (values: Float32Array) => kernelsLast(values, cell.weights);
      return { inputs: [image(a, shapes.a), image(b, shapes.b)], ask, inOurLayout };
    }
  }
}

function array(values: Float32Array, shape: readonly number[]): jax.Array {
  return np.array(values).reshape(shape);
}

function convolution({ stride, padding }: Pick<ConvCell, 'stride' | 'padding'>) {
  return (x: jax.Array, kernel: jax.Array) =>
    lax.convGeneralDilated(x, kernel, [stride, stride], padding === 'same' ? 'SAME' : 'VALID');
}

function gradient(fn: (x: jax.Array) => jax.Array, shape: number[], dy: jax.Array, other: jax.Array): jax.Array {
  const [y, pullBack] = jax.vjp(fn, [np.zeros(shape)]);
  const [dx] = pullBack(dy);
  pullBack.dispose();
  y.dispose();
  other.dispose();
  return dx;
}

/** R1 with Adam in Keras' form, the whole step under jit; losses are read once the steps of a run are asked for. */
function training(start: TrainingStart): Training {
  const { batchSize, sample } = r1;
  const { pixels, labels } = start.pictures;
  const [h, w] = sample;
  // One channel: channels first and last are the same.
  const batches = start.losses.map((_, i) => ({
    x: array(pixels.slice(i * batchSize * h * w, (i + 1) * batchSize * h * w), [batchSize, 1, h, w]),
    y: nn.oneHot(np.array(labels.slice(i * batchSize, (i + 1) * batchSize)), 10),
  }));
  const step = jax.jit(trainStep);
  const zeros = (parameters: Arrays) => parameters.map(({ shape }) => np.zeros(shape));
  let parameters = startingParameters(start);
  let [m, v, t] = [zeros(parameters), zeros(parameters), np.array(0).astype(np.float32)];
  const train = async (steps: number) => {
    const losses: Arrays = [];
    for (const { x, y } of batches.slice(0, steps)) {
      const [p1, m1, v1, t1, loss, accuracy] = step(parameters, m, v, t, x.ref, y.ref);
      [parameters, m, v, t] = [p1, m1, v1, t1];
      losses.push(loss);
      accuracy.dispose();
    }
    const found: number[] = [];
    for (const loss of losses) found.push((await loss.data())[0]!);
    return found;
  };
  return {
    ...{ name: 'jax-js jit', gpu: true, steps: STEPS },
    losses: () => train(batches.length),
    run: async () => void (await train(STEPS)),
  };
}

function startingParameters({ weights: [kernel, bias, dense, denseBias] }: TrainingStart): Arrays {
  // Our images are flattened with the channel last, theirs with it first.
  const rows = permuted(dense!, [13, 13, 32, 10], [2, 0, 1, 3]);
  return [
    array(kernelsFirst(kernel!, [3, 3, 1, 32]), [32, 1, 3, 3]),
    array(bias!, [32]),
    array(rows, [5408, 10]),
    array(denseBias!, [10]),
  ];
}

function logits([kernel, bias, dense, denseBias]: Arrays, x: jax.Array): jax.Array {
  const convolved = convolution({ stride: 1, padding: 'valid' })(x, kernel!).add(bias!.reshape([1, 32, 1, 1]));
  const pooled = lax.reduceWindow(nn.relu(convolved), (window) => np.max(window), [2, 2], [2, 2]);
  return np.matmul(pooled.reshape([r1.batchSize, 5408]), dense!).add(denseBias!);
}

function lossAndAccuracy(parameters: Arrays, x: jax.Array, y: jax.Array): [jax.Array, jax.Array] {
  const z = logits(parameters, x);
  const hits = np.equal(np.argmax(z.ref, 1), np.argmax(y.ref, 1)).astype(np.float32);
  return [np.mean(np.sum(nn.logSoftmax(z, 1).mul(y), 1).mul(-1)), np.mean(hits)];
}

function trainStep(
  p: Arrays,
  m: Arrays,
  v: Arrays,
  t: jax.Array,
  x: jax.Array,
  y: jax.Array,
): [Arrays, Arrays, Arrays, jax.Array, jax.Array, jax.Array] {
  const objective = jax.valueAndGrad((parameters) => lossAndAccuracy(parameters, x.ref, y.ref), { hasAux: true });
  const [[loss, accuracy], gradients] = objective(p.map(({ ref }) => ref));
  x.dispose();
  y.dispose();
  const iteration = t.add(1);
  const oneMinusPower = (base: number) =>
    np
      .exp(iteration.ref.mul(Math.log(base)))
      .mul(-1)
      .add(1);
  const rate = np.sqrt(oneMinusPower(0.999)).div(oneMinusPower(0.9)).mul(0.001);
  const m1 = m.map((value, i) => value.mul(0.9).add(gradients[i]!.ref.mul(0.1)));
  const v1 = v.map((value, i) => value.mul(0.999).add(gradients[i]!.ref.mul(gradients[i]!).mul(0.001)));
  const p1 = p.map((value, i) => value.sub(rate.ref.mul(m1[i]!.ref).div(np.sqrt(v1[i]!.ref).add(1e-7))));
  rate.dispose();
  return [p1, m1, v1, iteration, loss, accuracy];
}

type Pair = [number, number];

/** Normalisation folded in beforehand; the whole network under one jit, its weights as arguments, images and kernels with the channel first. */
function resnet50({ folded: { stem, blocks, classifier }, picture }: InferenceStart): Inference {
  const weights: Arrays = [];
  const convolution = ({ kernel, shape, bias, stride }: FoldedConv) => {
    const [r, s, c, k] = shape;
    const at = weights.length;
    weights.push(array(kernelsFirst(kernel, shape), [k, c, r, s]), array(bias, [1, k, 1, 1]));
    const frame: Pair = r === 7 ? [3, 3] : [(r - 1) / 2, (r - 1) / 2];
    return (given: Arrays, x: jax.Array) =>
      lax.convGeneralDilated(x, given[at]!, [stride, stride], [frame, frame]).add(given[at + 1]!);
  };
  const first = convolution(stem);
  const residuals = blocks.map(({ shortcut, convolutions }) => {
    const project = shortcut && convolution(shortcut);
    const [a, b, c] = convolutions.map(convolution);
    return (given: Arrays, x: jax.Array) => {
      const main = c!(given, nn.relu(b!(given, nn.relu(a!(given, x.ref)))));
      return nn.relu((project ? project(given, x) : x).add(main));
    };
  });
  const dense = weights.length;
  weights.push(array(classifier.kernel, classifier.shape), array(classifier.bias, [1000]));
  const infer = jax.jit((given: Arrays, image: jax.Array): jax.Array => {
    const x = nn.relu(first(given, image));
    const framed = np.pad(x, [
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
    const pooled = lax.reduceWindow(framed, (window) => np.max(window), [3, 3], [2, 2]);
    const features = residuals.reduce((value, block) => block(given, value), pooled);
    const [, channels] = features.shape;
    const means = np.sum(features.reshape([channels!, 49]), 1).div(49);
    return np.matmul(means.reshape([1, channels!]), given[dense]!).add(given[dense + 1]!);
  });
  const pixels = channelsFirst(picture, [1, SIDE, SIDE, 3]);
  return {
    name: 'jax-js jit, folded',
    run: () =>
      infer(
        weights.map(({ ref }) => ref),
        array(pixels, [1, 3, SIDE, SIDE]),
      ).data(),
    dispose() {
      for (const one of weights) one.dispose();
      infer.dispose();
    },
  };
}
