import { bindingSlots } from '../shaderText.ts';
import type { Dispatch, Resource } from '../webgpuKernel.ts';

/** Whether no buffer is both read and written: WebGPU forbids it whatever the ranges, and runs nothing. */
export function isLegal({ shader, bindings }: Dispatch): boolean {
  const kinds = new Map<unknown, Set<boolean>>();
  for (const { name, kind } of bindingSlots(shader.text)) {
    const memory = memoryOf(bindings[name]);
    if (memory !== undefined) kinds.set(memory, (kinds.get(memory) ?? new Set()).add(kind === 'storage'));
  }
  return [...kinds.values()].every(({ size }) => size === 1);
}

/** Equal for what lies in one buffer; undefined for uniform numbers, which have a buffer of their own. */
function memoryOf(resource: Resource | undefined): unknown {
  if (!resource || resource instanceof Uint32Array) return undefined;
  if ('scratch' in resource) return resource.scratch;
  return 'view' in resource ? resource.view.storage : resource.storage;
}
