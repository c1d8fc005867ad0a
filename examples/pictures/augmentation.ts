// What augmentation does to one picture, as a PNG: the original, and beside it draws of the generator with their parameters.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ImageDataGenerator, PictureTransform, Tensor } from 'wgslgrad';
import { drawAugmentations } from '../../src/cli/pictures/index.ts';

/** Twelve draws, by the seeds 0 to 11, of what `datagen` does to the first picture of x [n, h, w, c]. */
export async function drawAugmentation(file: string, datagen: ImageDataGenerator, x: Tensor): Promise<void> {
  const shape = x.shape.slice(1) as [number, number, number];
  const picture = x.slice([0, 0, 0, 0], [1, -1, -1, -1]).reshape(shape);
  const draws = Array.from({ length: 12 }, async (_, seed) => {
    const transform = datagen.getRandomTransform(shape, seed);
    const image = datagen.applyTransform(picture, transform);
    return { image: await floats(image), captions: inWords(transform) };
  });
  const { bytes } = await drawAugmentations(
    { image: await floats(picture), captions: [`the original, ${shape[0]} × ${shape[1]}`] },
    shape,
    await Promise.all(draws),
    {
      title: 'What augmentation makes of one picture',
      subtitle: 'The number over each is the seed of its draw; angles in degrees, shifts in pixels.',
    },
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  console.log(`${file} shows what the model gets to see`);
}

/** In the order in which it happens to the picture. */
export function inWords({ theta = 0, tx = 0, ty = 0, flipHorizontal = false }: PictureTransform): string[] {
  return [
    `turned ${theta < 0 ? 'right' : 'left'} by ${Math.abs(theta).toFixed(1)}°`,
    `moved ${shift(tx, 'left', 'right')}, ${shift(ty, 'up', 'down')}`,
    flipHorizontal ? 'then mirrored' : 'not mirrored',
  ];
}

function shift(pixels: number, before: string, after: string): string {
  return `${pixels < 0 ? after : before} ${Math.abs(pixels).toFixed(1)}`;
}

async function floats(t: Tensor): Promise<Float32Array> {
  return Float32Array.from(await t.data());
}
