import { scope } from '../../engine/scope.ts';
import { reshape } from '../../ops/shape.ts';
import { slice } from '../../ops/slice.ts';
import { platform } from '../../platform/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { saveImg } from '../images/saveImg.ts';
import type { BatchSettings } from './flowOptions.ts';

let saved = 0;

/** Writes the pictures of a batch [n, h, w, c] to the folder that was asked for, stretched to 0 ... 255: `prefix_row_number.png`. */
export async function savePictures(
  x: Tensor,
  rows: Int32Array,
  { saveToDir, savePrefix, saveFormat }: BatchSettings,
): Promise<void> {
  if (saveToDir === null) return;
  for (const [i, row] of rows.entries()) {
    const picture = scope(() => reshape(slice(x, [i, 0, 0, 0], [1, -1, -1, -1]), x.shape.slice(1)));
    const name = `${savePrefix}_${row}_${saved++}.${saveFormat}`;
    await saveImg(platform.files?.join(saveToDir, name) ?? name, picture, { fileFormat: saveFormat });
    picture.dispose();
  }
}
