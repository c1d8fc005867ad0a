/** What every error of wgslgrad has in common, so that a program can tell ours from others with one `instanceof`. */
export class WgslgradError extends Error {
  // Written out in each class: a minifier renames classes, and programs look at the names of errors.
  override readonly name: string = 'WgslgradError';
}

/** Shapes that do not fit together, or do not fit an operation. */
export class ShapeError extends WgslgradError {
  override readonly name: string = 'ShapeError';
}

/** A dtype that the operation is not defined for. */
export class DTypeError extends WgslgradError {
  override readonly name: string = 'DTypeError';
}

/** An argument outside what is allowed: a negative size, NaN in an option, an unknown name. */
export class ValueError extends WgslgradError {
  override readonly name: string = 'ValueError';
}

/** Bytes that are not what their format promises: damaged, truncated, or with the wrong hash. */
export class FormatError extends WgslgradError {
  override readonly name: string = 'FormatError';
}

/** The backend cannot go on: no adapter, lost device, out of memory, or a shader the driver refused. */
export class BackendError extends WgslgradError {
  override readonly name: string = 'BackendError';
}

/** Something outside failed: a download, a full disk, a file that cannot be read. */
export class ResourceError extends WgslgradError {
  override readonly name: string = 'ResourceError';
}
