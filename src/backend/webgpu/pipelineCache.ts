import { BackendError } from '../../errors.ts';
import { type BindingSlot, bindingSlots, type Constants, type Shader, specialize } from './shaderText.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly slots: readonly BindingSlot[];
  readonly label: string;
}

interface Draft {
  readonly descriptor: GPUComputePipelineDescriptor;
  readonly module: GPUShaderModule;
  readonly layout: GPUBindGroupLayout;
  readonly slots: readonly BindingSlot[];
  readonly label: string;
}

/** One pipeline for each shader text. Explicit layouts: `auto` drops what a shader happens not to read. */
export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly ready = new Map<string, Pipeline>();
  private readonly compiling = new Map<string, Promise<Pipeline>>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** The pipeline now; compiling it holds the program up. */
  get(shader: Shader, constants: Constants): Pipeline {
    const text = specialize(shader, constants);
    const known = this.ready.get(text);
    if (known) return known;
    const draft = this.draft(shader, constants, text);
    const made = { ...draft, pipeline: this.device.createComputePipeline(draft.descriptor) };
    this.ready.set(text, made);
    return made;
  }

  /** The pipeline when it is compiled, beside others. Rejects with the compiler's message and the line it means. */
  async compile(shader: Shader, constants: Constants): Promise<Pipeline> {
    const text = specialize(shader, constants);
    const known = this.ready.get(text);
    if (known) return known;
    const running = this.compiling.get(text) ?? this.compileText(shader, constants, text);
    this.compiling.set(text, running);
    try {
      const made = await running;
      this.ready.set(text, made);
      return made;
    } finally {
      this.compiling.delete(text);
    }
  }

  private async compileText(shader: Shader, constants: Constants, text: string): Promise<Pipeline> {
    this.device.pushErrorScope('validation');
    const draft = this.draft(shader, constants, text);
    const refused = this.device.popErrorScope();
    try {
      return { ...draft, pipeline: await this.device.createComputePipelineAsync(draft.descriptor) };
    } catch (cause) {
      const messages = (await draft.module.getCompilationInfo()).messages.map(
        ({ lineNum, message }) => `line ${lineNum}: ${message}`,
      );
      const why = messages.join('; ') || (cause instanceof Error ? cause.message : String(cause));
      throw new BackendError(`${draft.label} does not compile: ${why}`, { cause });
    } finally {
      await refused;
    }
  }

  private draft(shader: Shader, constants: Constants, text: string): Draft {
    const label = `${shader.name}.wgsl ${JSON.stringify(constants).replaceAll('"', '')}`;
    const slots = bindingSlots(text);
    const module = this.device.createShaderModule({ label, code: text });
    const layout = this.device.createBindGroupLayout({
      label,
      entries: slots.map(({ binding, kind }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: kind },
      })),
    });
    const descriptor = {
      label,
      layout: this.device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    };
    return { descriptor, module, layout, slots, label };
  }
}
