// ResNet50 as every engine infers it: one set of weights, one picture, and what our CPU reference makes of it.

import { close, init, type Model, ResNet50, tensor } from '../../src/index.ts';
import { encodeModel } from '../../src/io/index.ts';
import { floats, randomNumbers } from '../operands.ts';

export const SIDE = 224;
const SEED = 1;

/** A convolution with the normalisation behind it folded into its kernel (rsck) and bias. */
export interface FoldedConv {
  readonly kernel: Float32Array<ArrayBuffer>;
  readonly shape: readonly [r: number, s: number, c: number, k: number];
  readonly bias: Float32Array<ArrayBuffer>;
  readonly stride: number;
}

/** relu(shortcut + the three convolutions, relu between them); the shortcut of a null is the input itself. */
export interface FoldedBlock {
  readonly shortcut: FoldedConv | null;
  readonly convolutions: readonly FoldedConv[];
}

/** What a converter for inference makes of the network. */
export interface FoldedResNet {
  readonly stem: FoldedConv;
  readonly blocks: readonly FoldedBlock[];
  readonly classifier: {
    readonly kernel: Float32Array<ArrayBuffer>;
    readonly bias: Float32Array<ArrayBuffer>;
    readonly shape: readonly [number, number];
  };
}

export interface InferenceStart {
  /** In Keras' order and layout. */
  readonly weights: readonly Float32Array<ArrayBuffer>[];
  readonly folded: FoldedResNet;
  readonly onnx: Uint8Array;
  /** nhwc, one picture. */
  readonly picture: Float32Array<ArrayBuffer>;
  /** The logits that the CPU reference has for it. */
  readonly logits: Float32Array;
}

/** Logits instead of probabilities: of an untrained network these would be nearly all or nothing, and hide what is wrong. */
export function resnet50(): Promise<Model> {
  return ResNet50({ weights: null, classifierActivation: null });
}

/** Computes what is expected on the CPU backend, and closes it: seconds. */
export async function inferenceStart(): Promise<InferenceStart> {
  await init({ backend: 'cpu', seed: SEED });
  const model = await resnet50();
  const weights = await livelyWeights(model);
  model.setWeights(weights);
  const picture = randomNumbers(SIDE * SIDE * 3, SEED);
  const result = await model.predict(tensor(picture, [1, SIDE, SIDE, 3]), { verbose: 0 });
  const onnx = (await encodeModel(model, 'resnet50.onnx')).get('resnet50.onnx');
  if (!onnx) throw new Error('ResNet50 was not exported');
  const start = { weights, folded: await folded(model), onnx, picture, logits: floats(await result.data()) };
  await close();
  return start;
}

/** New kernels as they are; biases and statistics of normalisation that are not those of a fresh layer, which would hide that one is left out. */
async function livelyWeights(model: Model): Promise<Float32Array<ArrayBuffer>[]> {
  const fresh = await Promise.all(model.getWeights().map(async (one) => floats(await one.data())));
  return model.weights.map(({ name, size }, i) => {
    if (name.endsWith('kernel')) return Float32Array.from(fresh[i]!);
    const positive = name.endsWith('gamma') || name.endsWith('variance');
    return randomNumbers(size, SEED + i).map((value) => (positive ? 1 + value / 2 : value / 5));
  });
}

async function folded(model: Model): Promise<FoldedResNet> {
  const stages = [3, 4, 6, 3].map((blocks, i) =>
    Array.from({ length: blocks }, (_, block) => `conv${i + 2}_block${block + 1}`),
  );
  const blocks: FoldedBlock[] = [];
  for (const name of stages.flat()) {
    const projects = name.endsWith('block1');
    const stride = projects && name !== 'conv2_block1' ? 2 : 1;
    blocks.push({
      shortcut: projects ? await foldedConv(model, `${name}_0`, stride) : null,
      convolutions: [
        await foldedConv(model, `${name}_1`, stride),
        await foldedConv(model, `${name}_2`, 1),
        await foldedConv(model, `${name}_3`, 1),
      ],
    });
  }
  const [kernel, bias] = await valuesOf(model, 'predictions');
  return {
    stem: await foldedConv(model, 'conv1', 2),
    blocks,
    classifier: { kernel: kernel!, bias: bias!, shape: [kernel!.length / bias!.length, bias!.length] },
  };
}

async function foldedConv(model: Model, name: string, stride: number): Promise<FoldedConv> {
  const [kernel, bias] = await valuesOf(model, `${name}_conv`);
  const [gamma, beta, mean, variance] = await valuesOf(model, `${name}_bn`);
  const { epsilon } = model.getLayer(`${name}_bn`).getConfig();
  const scale = gamma!.map((value, k) => value / Math.sqrt(variance![k]! + Number(epsilon)));
  const { length } = scale;
  const [r, s, c, k] = model.getLayer(`${name}_conv`).weights[0]!.variable.shape;
  return {
    kernel: kernel!.map((value, i) => value * scale[i % length]!),
    shape: [r!, s!, c!, k!],
    bias: bias!.map((value, i) => (value - mean![i]!) * scale[i]! + beta![i]!),
    stride,
  };
}

async function valuesOf(model: Model, layer: string): Promise<Float32Array<ArrayBuffer>[]> {
  const { weights } = model.getLayer(layer);
  return Promise.all(weights.map(async ({ variable }) => Float32Array.from(floats(await variable.data()))));
}
