// Memory as it is once everything that the program has lost is found: counts of it can be compared for equality.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type MemoryInfo, memory } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

export async function settledMemory(): Promise<MemoryInfo> {
  let before = -1;
  // What one round frees may be what held the rest.
  for (let now = memory(); now.tensors !== before; now = memory()) {
    before = now.tensors;
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return memory();
}
