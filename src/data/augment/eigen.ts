// Eigenvalues and eigenvectors of a symmetric matrix, in float64: reflections bring it to three diagonals, rotations to one.
// Householder (1958) and the implicit QL method: Wilkinson and Reinsch, Handbook for Automatic Computation II (1971), II/2 and II/4.
import { ValueError } from '../../errors.ts';

export interface Eigen {
  /** In no order. */
  readonly values: Float64Array;
  /** Row i is the eigenvector of value i, of length 1. */
  readonly vectors: Float64Array;
}

/** Of the matrix [n, n], row-major; its lower half is taken to be its upper half mirrored. n³ steps: a second for some 500. */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  const work = Float64Array.from(matrix);
  const reflections = tridiagonalize(work, n);
  const vectors = reflections.basis;
  rotateToDiagonal(reflections.diagonal, reflections.beside, vectors, n);
  return { values: reflections.diagonal, vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** beside[i] stands between diagonal[i] and diagonal[i + 1]. */
  readonly beside: Float64Array;
  /** Rows, in which the matrix has these diagonals. */
  readonly basis: Float64Array;
}

/** Overwrites `a`: row k keeps the reflection that cleared it. */
function tridiagonalize(a: Float64Array, n: number): Tridiagonal {
  const beside = new Float64Array(n);
  const scales = new Float64Array(n);
  const product = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const row = a.subarray(k * n, (k + 1) * n);
    const first = row[k + 1]!;
    let rest = 0;
    for (let i = k + 2; i < n; i++) rest += row[i]! ** 2;
    // nothing to clear: no reflection
    beside[k] = first;
    if (rest === 0) continue;
    const length = Math.sqrt(first ** 2 + rest);
    beside[k] = first > 0 ? -length : length;
    row[k + 1] = first - beside[k]!;
    scales[k] = 2 / (row[k + 1]! ** 2 + rest);
    reflect(a, n, k, scales[k]!, product);
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return { diagonal, beside, basis: basisOf(a, scales, n) };
}

/** Both sides of what lies behind row k by its reflection v: A - v wᵀ - w vᵀ. */
function reflect(a: Float64Array, n: number, k: number, scale: number, w: Float64Array): void {
  const v = a.subarray(k * n, (k + 1) * n);
  let along = 0;
  for (let i = k + 1; i < n; i++) {
    let sum = 0;
    for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!;
    w[i] = scale * sum;
    along += w[i]! * v[i]!;
  }
  for (let i = k + 1; i < n; i++) w[i]! -= (scale / 2) * along * v[i]!;
  for (let i = k + 1; i < n; i++) {
    const [byV, byW] = [w[i]!, v[i]!];
    for (let j = k + 1; j < n; j++) a[i * n + j]! -= byV * v[j]! + byW * w[j]!;
  }
}

/** The product of all reflections, its columns as rows. */
function basisOf(a: Float64Array, scales: Float64Array, n: number): Float64Array {
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    if (scales[k] === 0) continue;
    const v = a.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) {
      const row = basis.subarray(i * n, (i + 1) * n);
      let along = 0;
      for (let j = k + 1; j < n; j++) along += row[j]! * v[j]!;
      const by = scales[k]! * along;
      for (let j = k + 1; j < n; j++) row[j]! -= by * v[j]!;
    }
  }
  return basis;
}

const MOST_ROUNDS = 60;

/** Rotates neighbours until nothing stands beside the diagonal; the rows of `vectors` turn along. */
function rotateToDiagonal(d: Float64Array, e: Float64Array, vectors: Float64Array, n: number): void {
  // Roundings are as large as the largest number makes them: below, nothing settles any further.
  const least = Number.EPSILON * d.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e[i]!)), 0);
  for (let first = 0; first < n; first++) {
    for (let round = 0; ; round++) {
      const last = endOfBlock(e, least, first, n);
      if (last === first) break;
      if (round === MOST_ROUNDS) throw new ValueError('the eigenvalues do not settle: is every number finite?');
      sweep(d, e, vectors, n, first, last);
    }
  }
}

/** The last index of the block that begins at `first`: where what stands beside the diagonal is too small to count. */
function endOfBlock(e: Float64Array, least: number, first: number, n: number): number {
  for (let i = first; i < n - 1; i++) if (Math.abs(e[i]!) <= least) return i;
  return n - 1;
}

/** One step from the end of a block to its beginning, shifted by the eigenvalue of its first corner. */
function sweep(d: Float64Array, e: Float64Array, vectors: Float64Array, n: number, first: number, last: number): void {
  const ratio = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const corner = e[first]! / (ratio + Math.sign(ratio || 1) * Math.hypot(ratio, 1));
  let bulge = d[last]! - d[first]! + corner;
  let [sine, cosine, carried] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const [out, kept] = [sine * e[i]!, cosine * e[i]!];
    const length = Math.hypot(out, bulge);
    e[i + 1] = length;
    if (length === 0) {
      // the block falls apart here: the rest has its turn in the next step
      d[i + 1]! -= carried;
      e[last] = 0;
      return;
    }
    [sine, cosine] = [out / length, bulge / length];
    const lower = d[i + 1]! - carried;
    const mixed = (d[i]! - lower) * sine + 2 * cosine * kept;
    carried = sine * mixed;
    d[i + 1] = lower + carried;
    bulge = cosine * mixed - kept;
    turn(vectors, n, i, sine, cosine);
  }
  d[first]! -= carried;
  e[first] = bulge;
  e[last] = 0;
}

/** Rows i and i + 1 turned into each other. */
function turn(vectors: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  const upper = vectors.subarray(i * n, (i + 1) * n);
  const lower = vectors.subarray((i + 1) * n, (i + 2) * n);
  for (let k = 0; k < n; k++) {
    const [a, b] = [upper[k]!, lower[k]!];
    upper[k] = cosine * a - sine * b;
    lower[k] = sine * a + cosine * b;
  }
}

/** The sum over all eigenvectors u of weight(value) u uᵀ: the matrix with other eigenvalues, row-major. */
export function fromEigen({ values, vectors }: Eigen, weight: (value: number) => number): Float64Array {
  const n = values.length;
  const result = new Float64Array(n * n);
  values.forEach((value, k) => {
    const u = vectors.subarray(k * n, (k + 1) * n);
    const by = weight(value);
    for (let i = 0; i < n; i++) {
      const scaled = by * u[i]!;
      for (let j = 0; j <= i; j++) result[i * n + j]! += scaled * u[j]!;
    }
  });
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result[j * n + i] = result[i * n + j]!;
  return result;
}
