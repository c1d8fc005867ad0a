// What the code itself says of an operation or a function: nothing here is written twice.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Spec } from '../../src/backend/backend.ts';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import type { KernelCall, KernelName } from '../../src/backend/kernels.ts';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';
import type { Shader } from '../../src/backend/webgpu/shaderText.ts';
import { isTunable, type TunableKernel } from '../../src/backend/webgpu/variant.ts';
import type { DeviceFacts, Dispatch, WebgpuKernel } from '../../src/backend/webgpu/webgpuKernel.ts';
import { trace } from '../../src/compile/trace.ts';
import { type Cost, costOf, type OpDefinition } from '../../src/engine/op.ts';
import { onBackend } from '../../src/engine/runtime.ts';
import { cases } from '../../test/engine/cases.ts';
import { deviceOf } from '../../test/support/devices.ts';
import { makeInputs } from '../../test/support/inputs.ts';
import type { Example } from './examples.ts';

const root = resolve(import.meta.dirname, '../..');

// --- operations

/** Computes, and keeps what it was asked to compute. */
class ListeningBackend extends CpuBackend {
  readonly calls: KernelCall[] = [];

  override run<K extends KernelName>(call: KernelCall<K>): void {
    this.calls.push(call as KernelCall);
    super.run(call);
  }
}

/** The kernel calls of an operation in its test cases. None for an alias: nothing runs. */
export function callsOf(op: OpDefinition): KernelCall[] {
  const backend = new ListeningBackend('float32');
  onBackend(backend, () => {
    for (const one of cases) if (one.op === op.name) one.run(...makeInputs(one.inputs, 'float32'));
  });
  const ofKernel = backend.calls.filter(({ kernel }) => kernel === op.kernel);
  // Functions that share a kernel are told apart by name.
  const ofFunction = ofKernel.filter(({ attrs }) => 'fn' in attrs && attrs.fn === op.name);
  return ofFunction.length > 0 ? ofFunction : ofKernel;
}

const devices = [deviceOf('software'), deviceOf('unknown')];

function allWays(kernel: TunableKernel<KernelName>, call: KernelCall, device: DeviceFacts): Dispatch[] {
  return [...kernel.ways(call, device)].flatMap(({ dispatches }) => dispatches);
}

/** Every shader that one of these calls is made of, in the order of dispatch. */
export function shadersOf(calls: readonly KernelCall[]): Shader[] {
  const dispatches = calls.flatMap((call) => {
    // A kernel is only ever handed calls of its own.
    const plan = kernels[call.kernel] as WebgpuKernel<KernelName>;
    return devices.flatMap((device) => (isTunable(plan) ? allWays(plan, call, device) : plan(call, device)));
  });
  return [...new Map(dispatches.map(({ shader }) => [shader.name, shader])).values()];
}

/** What the header of a shader says beside a word: `FLOPs`, `bytes`, ... */
export function headerLine({ name, text }: Shader, word: string): string {
  const found = new RegExp(`^// ${word} +(\\S.*(?:\\n// {11}\\S.*)*)`, 'm').exec(text);
  if (!found) throw new Error(`shaders/${name}.wgsl does not say its ${word}`);
  return found[1]!.replace(/\n\/\/ +/g, ' ');
}

export interface CostExample extends Cost {
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
}

export function costExample(op: OpDefinition, { inputs, outputs, attrs }: KernelCall): CostExample {
  return { inputs, outputs, ...costOf(op, inputs, outputs, attrs) };
}

/** Kernel -> the file of the CPU backend whose table holds it. */
export async function cpuFiles(): Promise<Map<string, string>> {
  const files = await modulesOf('src/backend/cpu');
  const entries = files.flatMap(({ path, exported }) =>
    Object.entries(exported).flatMap(([name, table]) =>
      name.endsWith('Kernels') ? Object.keys(Object(table)).map((kernel) => [kernel, path] as const) : [],
    ),
  );
  return new Map(entries);
}

interface Module {
  /** From the root of the repository. */
  readonly path: string;
  readonly exported: Readonly<Record<string, unknown>>;
}

async function modulesOf(folder: string): Promise<Module[]> {
  const paths = readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => `${folder}/${file}`);
  return Promise.all(paths.map(async (path): Promise<Module> => ({ path, exported: await import(join(root, path)) })));
}

// --- public functions

export interface PublicFunction {
  readonly name: string;
  /** Where it is declared, from the root of the repository. */
  readonly path: string;
  /** What stands above its declaration, on one line; undefined when nothing does. */
  readonly doc: string | undefined;
}

/** Every function that src/ops/index.ts exports, file by file in the order of the code. */
export async function publicFunctions(): Promise<PublicFunction[]> {
  const modules = await modulesOf('src/ops');
  const exported = new Set(Object.values(modules.find(({ path }) => path === 'src/ops/index.ts')!.exported));
  return modules
    .filter(({ path }) => path !== 'src/ops/index.ts')
    .flatMap(({ path, exported: own }) =>
      declarations(readFileSync(join(root, path), 'utf8'))
        .filter(({ name }) => exported.has(own[name]))
        .map((declaration) => ({ ...declaration, path })),
    );
}

const declaration = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export (?:const|function) (\w+)/g;

/** The exported values of a file, with their docstrings. */
export function declarations(code: string): { name: string; doc: string | undefined }[] {
  return [...code.matchAll(declaration)].map(([, doc, name]) => ({
    name: name!,
    doc: doc
      ?.replace(/\n \* ?/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  }));
}

/** The operations of a function, one entry a use, in order. */
export function madeOf(example: Exclude<Example, string>): OpDefinition[] {
  const program = onBackend(new CpuBackend('float32'), () =>
    trace((...inputs) => [example.run(...inputs)], example.inputs),
  );
  return program.steps.map(({ op }) => op);
}
