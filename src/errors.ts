/** What every error of wgslgrad has in common, so that a program can tell ours from others with one `instanceof`. */
export class WgslgradError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Shapes that do not fit together, or do not fit an operation. */
export class ShapeError extends WgslgradError {}

/** A dtype that the operation is not defined for. */
export class DTypeError extends WgslgradError {}

/** An argument outside what is allowed: a negative size, NaN in an option, an unknown name. */
export class ValueError extends WgslgradError {}

/** Bytes that are not what their format promises: damaged, truncated, or with the wrong hash. */
export class FormatError extends WgslgradError {}

/** The backend cannot go on: no adapter, lost device, out of memory, or a shader the driver refused. */
export class BackendError extends WgslgradError {}

/** Something outside failed: a download, a full disk, a file that cannot be read. */
export class ResourceError extends WgslgradError {}
