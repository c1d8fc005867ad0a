// No kernel goes without proof: each is run between bands of poison somewhere in this folder, on both backends.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CpuBackend } from '../../src/backend/cpu/cpuBackend.ts';
import { kernels } from '../../src/backend/webgpu/kernels/index.ts';

const here = import.meta.dirname;
const files = readdirSync(here).filter((file) => file.endsWith('.test.ts') && file !== 'proofs.test.ts');
const proofs = files.map((file) => readFileSync(join(here, file), 'utf8')).join('\n');

test('both backends have the same kernels', () => {
  expect(CpuBackend.kernelNames().sort()).toEqual(Object.keys(kernels).sort());
});

// drawn() lists the cases of the optimizers' kernels
test.each(Object.keys(kernels))('%s is compared with the CPU', (name) => {
  const alone = new RegExp(`(both\\.(run|agree)|checkProducts|checkNormal|drawn)\\(\\s*'${name}'`);
  const inTable = new RegExp(`for \\(const kernel of \\[[^\\]]*'${name}'`);
  expect(alone.test(proofs) || inTable.test(proofs)).toBe(true);
});
