// Kernels and ways that are loaded on first use, all at once: for who looks at them without waiting.

import * as families from '../../src/backend/webgpu/kernels/chunks.ts';
import { whenLoaded } from '../../src/backend/webgpu/later.ts';

export async function loadFamilies(): Promise<void> {
  await Promise.all(Object.values(families).map((family) => whenLoaded<unknown>(family)));
}
