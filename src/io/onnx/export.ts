import type { Model } from '../../models/model.ts';
export async function encodeOnnx(_model: Model): Promise<Uint8Array> {
  throw new Error('soon');
}
