// Pictures by the browser's own decoders. In workers too: nothing here needs a document.
import { FormatError } from '../errors.ts';
import type { RawImage } from './platform.ts';

/** See ImageCodec. Always RGBA. The browser's own limit on pixels comes before ours. */
export async function canvasDecode(bytes: Uint8Array<ArrayBuffer>, name: string, maxPixels: number): Promise<RawImage> {
  const bitmap = await bitmapOf(bytes, name);
  try {
    const { width, height } = bitmap;
    if (width * height > maxPixels)
      throw new FormatError(`${name}: ${width} x ${height} pixels; at most ${maxPixels} are read`);
    const data = pixelsOf(bitmap);
    if (!data) throw new FormatError(`${name}: ${width} x ${height} pixels do not fit this browser's canvas`);
    return { width, height, channels: 4, data: isOpaque(data) ? data : (straightPixelsOf(bitmap, data) ?? data) };
  } finally {
    bitmap.close();
  }
}

async function bitmapOf(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([withoutTurn(bytes)]), {
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new FormatError(
      `${name}: this browser cannot decode it (${cause instanceof Error ? cause.message : cause})`,
      {
        cause,
      },
    );
  }
}

/** Browsers turn pictures as the Exif block of a JPEG says, whatever they are asked for: here a copy whose block has no name. */
function withoutTurn(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const isMarker = (at: number) => copy[at] === 0xff && copy[at + 1]! >= 0xe0 && copy[at + 1]! <= 0xef;
  if (copy[0] !== 0xff || copy[1] !== 0xd8) return bytes;
  for (let at = 2; isMarker(at); at += 2 + copy[at + 2]! * 256 + copy[at + 3]!) {
    const name = String.fromCharCode(...copy.subarray(at + 4, at + 8));
    if (copy[at + 1] === 0xe1 && name === 'Exif') copy[at + 4] = 0;
  }
  return copy;
}

function pixelsOf(bitmap: ImageBitmap): Uint8Array<ArrayBuffer> | null {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(bitmap, 0, 0);
  return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
}

function isOpaque(data: Uint8Array): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

/**
 * A canvas multiplies alpha into its colours and back, which loses what is behind it; a texture does not. Null where there is no
 * WebGL, or something went wrong there, which shows in the alpha channel.
 */
function straightPixelsOf(bitmap: ImageBitmap, rounded: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const { width, height } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return null;
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const data = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  // Pages may have some sixteen contexts only.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  for (let i = 3; i < data.length; i += 4) if (data[i] !== rounded[i]) return null;
  return data;
}
