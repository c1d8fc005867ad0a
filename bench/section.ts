// What a section of the bench hands back.
import type { Roof } from '../src/backend/backend.ts';

export type TableRow = Readonly<Record<string, string | number>>;

export interface Table {
  readonly title: string;
  readonly rows: readonly TableRow[];
  /** Sentences under it. */
  readonly notes?: readonly string[];
}

/** Where a kernel stands under the roof. */
export interface Point {
  readonly name: string;
  readonly kind: string;
  readonly flops: number;
  readonly bytes: number;
  readonly ms: number;
}

export interface SectionResult {
  readonly tables: readonly Table[];
  /** Everything measured, for --json. */
  readonly raw: unknown;
  readonly roofline?: { readonly roof: Roof; readonly points: readonly Point[] };
}

export interface BenchOptions {
  /** Whether the tuner measures each kernel first. Else none of what it found in earlier runs is used. */
  readonly tuned: boolean;
}

/** Measures; leaves no backend open. */
export type Section = (options: BenchOptions) => Promise<SectionResult>;
