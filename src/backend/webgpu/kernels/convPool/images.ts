// What kernels bind alike that may find their images in a table; and both directions of a convolution with a max-pool behind it.
import type { View } from '../../../backend.ts';
import type { PoolAttrs } from '../../../kernels.ts';
import type { Resource, Rows } from '../../webgpuKernel.ts';

/** What is bound to a name that the shader does not read with these constants: WebGPU wants something there. */
export function unread(view: View): Resource {
  return { view, byteOffset: 0, byteLength: 16 };
}

/** The images: x, or rows of a table; then the shape is all that counts of x. */
export function imagesOf(x: View, rows: Rows | undefined): Readonly<Record<'x' | 'order' | 'cursor', Resource>> {
  if (!rows) return { x, order: unread(x), cursor: unread(x) };
  return { x: rows.table, order: rows.order, cursor: rows.cursor };
}

/** Where a batch lies, as shaders read it; nothing of that counts without rows. */
export function placeOf(rows: Rows | undefined): [start: number, stride: number, orderSize: number, tableRows: number] {
  if (!rows) return [0, 0, 0, 0];
  return [rows.start, rows.stride, rows.order.shape[0]!, rows.table.shape[0]!];
}

export function poolConstants({ poolH, poolW, strideH, strideW }: PoolAttrs) {
  return { POOL_H: poolH, POOL_W: poolW, POOL_STRIDE_H: strideH, POOL_STRIDE_W: strideW };
}
