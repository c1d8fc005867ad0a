/** A part of a picture, in its pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** The largest part of the target's proportions, from the middle; the odd pixel is left over at the bottom and right. */
export function cropTo({ height, width }: Size, [targetHeight, targetWidth]: readonly [number, number]): Box {
  return centred(
    { height, width },
    Math.max(1, Math.min(height, Math.floor((width * targetHeight) / targetWidth))),
    Math.max(1, Math.min(width, Math.floor((height * targetWidth) / targetHeight))),
  );
}

/** Where the picture stands in the smallest frame of the target's proportions around it: top and left are 0 or negative. */
export function padTo({ height, width }: Size, [targetHeight, targetWidth]: readonly [number, number]): Box {
  return centred(
    { height, width },
    Math.max(height, Math.floor((width * targetHeight) / targetWidth)),
    Math.max(width, Math.floor((height * targetWidth) / targetHeight)),
  );
}

function centred(size: Size, height: number, width: number): Box {
  const before = (inside: number, outside: number) => Math.trunc((outside - inside) / 2);
  return { top: before(height, size.height), left: before(width, size.width), height, width };
}
