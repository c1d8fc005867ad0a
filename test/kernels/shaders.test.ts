import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { minifyWgsl } from '../../build/minifyWgsl.ts';
import { binaryFunctions, unaryFunctions } from '../../src/backend/kernels.ts';
import { bindingSlots, specialize } from '../../src/backend/webgpu/shaderText.ts';
import { platform } from '../../src/platform/index.ts';
import { describeGpu } from '../setup/adapters.ts';

const folder = resolve(import.meta.dirname, '../../shaders');
const shaders = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);

test.each(shaders)('%s opens with what it computes, its shapes, its cost and how it is cut', (file, text) => {
  const header = text.slice(0, text.search(/^(?!\/\/)/m));
  for (const word of ['shapes', 'FLOPs', 'bytes', 'tiling', 'parallel'])
    expect(header, file).toMatch(new RegExp(`^// ${word} +\\S`, 'm'));
  const formula = header.slice(0, header.search(/^\/\/ shapes/m));
  expect(formula, 'the formula').toMatch(/\w.* (=|\+=) .*\w/);
});

const carriesArithmetic = (text: string) => /var sums(:| =) array</.test(text);

test.each(shaders.filter(([, text]) => carriesArithmetic(text)))(
  '%s shows its tile and names its source',
  (_, text) => {
    const header = text.slice(0, text.search(/^(?!\/\/)/m));
    const tiling = header.slice(header.search(/^\/\/ tiling/m), header.search(/^\/\/ parallel/m));
    expect(tiling.match(/^\/\/ .*\[ .* \]/gm)?.length, 'rows of the picture').toBeGreaterThanOrEqual(3);
    expect(header).toMatch(/^\/\/ idea +\S/m);
  },
);

test('the kernels that carry the arithmetic are known', () => {
  const names = shaders.filter(([, text]) => carriesArithmetic(text)).map(([file]) => file);
  expect(names).toEqual([
    'conv2d_forward.wgsl',
    'conv2d_forward_subgroup.wgsl',
    'conv2d_forward_workgroup.wgsl',
    'conv2d_grad_input.wgsl',
    'conv2d_grad_input_few.wgsl',
    'conv2d_grad_input_subgroup.wgsl',
    'conv2d_grad_input_workgroup.wgsl',
    'conv2d_grad_kernel.wgsl',
    'conv2d_grad_kernel_workgroup.wgsl',
    'conv2d_max_pool2d.wgsl',
    'conv2d_max_pool2d_grad_kernel.wgsl',
    'conv2d_max_pool2d_patch.wgsl',
    'conv2d_max_pool2d_patch_grad_kernel.wgsl',
    'dense_grad.wgsl',
    'matmul.wgsl',
    'matmul_subgroup.wgsl',
    'matmul_tiled.wgsl',
  ]);
});

test.each(shaders)('%s holds nothing but WGSL: no template marks, one entry point called main', (_, text) => {
  expect(text).not.toMatch(/\$\{|\{\{|#if|#include|@@/);
  expect(text.match(/@compute/g)).toHaveLength(1);
  expect(text).toMatch(/^fn main\(/m);
  expect(bindingSlots(text).map(({ binding }) => binding)).toEqual(bindingSlots(text).map((_, i) => i));
});

/** NEG, LOGICAL_NOT, ... as the shader numbers them. */
function numbered(text: string, first: string): string[] {
  const from = text.indexOf(`const ${first}: u32 = 0u;`);
  const table = text.slice(from, text.indexOf('const FUNCTION'));
  return [...table.matchAll(/^const (\w+): u32 = (\d+)u;$/gm)].map(([, name, number], i) => {
    expect(Number(number)).toBe(i);
    return name!.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  });
}

test('shaders and host number the functions alike', () => {
  const textOf = (name: string) => shaders.find(([file]) => file === name)![1];
  expect(numbered(textOf('unary.wgsl'), 'NEG')).toEqual([...unaryFunctions]);
  expect(numbered(textOf('binary.wgsl'), 'ADD')).toEqual([...binaryFunctions]);
});

test('a const that the shader does not declare is refused', () => {
  const shader = { name: 'adam', text: shaders.find(([file]) => file === 'adam.wgsl')![1] };
  expect(() => specialize(shader, { NO_SUCH: 1 })).toThrow(/adam.wgsl declares no const or alias NO_SUCH/);
  expect(specialize(shader, { VECTORS: 7 })).toContain('const VECTORS: u32 = 7u;');
});

describeGpu('every shader compiles, as it stands and as the package holds it:', () => {
  /** One as every adapter has it, and one with subgroups where they are offered. */
  let plain: GPUDevice;
  let withSubgroups: GPUDevice | null;
  beforeAll(async () => {
    const gpu = await platform.requestGpu();
    if (typeof gpu === 'string') throw new Error(gpu);
    plain = await (await gpu.requestAdapter())!.requestDevice();
    const adapter = (await gpu.requestAdapter())!;
    const offered = adapter.features.has('subgroups');
    withSubgroups = offered ? await adapter.requestDevice({ requiredFeatures: ['subgroups'] }) : null;
  });
  afterAll(() => {
    plain.destroy();
    withSubgroups?.destroy();
    platform.releaseGpu();
  });

  const packaged = [...minifyWgsl(new Map(shaders))].map(([file, text]) => [`${file} in the package`, text] as const);

  test.for([...shaders, ...packaged])('%s', async ([, code], { skip }) => {
    const device = /^enable subgroups;/m.test(code) ? withSubgroups : plain;
    if (!device) return skip('this adapter has no subgroups');
    const module = device.createShaderModule({ code });
    expect((await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error')).toEqual([]);
    await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  });
});
