// The tuner of the backend in use, for programs: what it knows, and how that is carried to another machine.
import type { Tuned, Tuner } from '../backend/backend.ts';
import type { KernelCall } from '../backend/kernels.ts';
import { BackendError, ValueError } from '../errors.ts';
import { kindOf } from '../tensor/options.ts';
import { currentBackend, runningBackend } from './runtime.ts';
import { ensureStarted } from './start.ts';

export interface TuningResult {
  /** What is now known of the kernels that were asked for, those of earlier runs included. */
  readonly tuned: readonly Tuned[];
  /** Why there is nothing to tune; null where there was. */
  readonly reason: string | null;
}

/** Measures the kernels of these calls as far as they are not known. On the CPU there is nothing to do, and it says so. */
export async function tuneCalls(calls: readonly KernelCall[]): Promise<TuningResult> {
  const { name, tuner } = currentBackend();
  if (tuner) return { tuned: await tuner.tune(calls), reason: null };
  return { tuned: [], reason: nothingToTune(name) };
}

/**
 * What the tuner knows of this adapter, as JSON: a program can ship it to machines like this one.
 *
 * @throws BackendError when no tuner runs: on the CPU, and with init({ tuner: 'off' })
 */
export function exportTable(): string {
  return requireTuner('export', currentBackend()).export();
}

/**
 * Adds what `export` gave on a machine like this one, and keeps it for later runs.
 *
 * @throws FormatError when it is damaged, or was measured on another adapter
 * @throws BackendError when no tuner runs
 */
export async function importTable(json: string): Promise<void> {
  if (typeof json !== 'string')
    throw new ValueError(`tuner.import: expected the text of an export, got ${kindOf(json)}`);
  await ensureStarted();
  await requireTuner('import', currentBackend()).import(json);
}

/** Forgets what was measured on this adapter, in this run and in earlier ones. */
export async function clear(): Promise<void> {
  await ensureStarted();
  await currentBackend().tuner?.clear();
}

/** What was measured on this adapter, one kind of kernel call each; nothing where no tuner runs. */
export function report(): readonly Tuned[] {
  return runningBackend()?.tuner?.report() ?? [];
}

function requireTuner(
  who: string,
  { name, tuner }: { readonly name: string; readonly tuner?: Tuner | undefined },
): Tuner {
  if (tuner) return tuner;
  throw new BackendError(`tuner.${who}: ${nothingToTune(name)}`);
}

function nothingToTune(backend: string): string {
  return backend === 'cpu'
    ? 'the CPU backend computes every kernel in one way: there is nothing to tune'
    : "the tuner is off: call init({ tuner: 'cached' }), and do not set WGSLGRAD_TUNER=off";
}
