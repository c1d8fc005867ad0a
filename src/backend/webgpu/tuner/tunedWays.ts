// The table at work: which way a call takes, where the table is kept, and who fills it. What measures is loaded on demand.
import { FormatError } from '../../../errors.ts';
import type { TextStore, Tuned, Tuner } from '../../backend.ts';
import type { KernelCall } from '../../kernels.ts';
import type { AdapterIdentity } from '../device.ts';
import { whenLoaded } from '../later.ts';
import type { Way } from '../variant.ts';
import type { Bench } from './bench.ts';
import type { Roof } from './costModel.ts';
import { hashOf, shadersHash } from './hash.ts';
import { tuningKey } from './key.ts';
import { type Entry, formatTable, type Table } from './table.ts';

/** The ways of a call on this device; null for a kernel without a choice. */
export type WaysOf = (call: KernelCall) => Iterable<Way> | null;

export class TunedWays implements Tuner {
  private readonly identity: AdapterIdentity;
  private readonly store: TextStore;
  private readonly bench: Bench;
  private readonly waysOf: WaysOf;
  private readonly entries = new Map<string, Entry>();
  /** Whether the shaders of an entry are still those that were measured, once somebody asked. */
  private readonly fresh = new Map<Entry, boolean>();
  private roof: Roof | null = null;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(bench: Bench, identity: AdapterIdentity, store: TextStore, waysOf: WaysOf) {
    this.bench = bench;
    this.identity = identity;
    this.store = store;
    this.waysOf = waysOf;
  }

  /** Takes over what was kept of an earlier run. A table that cannot be used costs one warning and nothing else. */
  async load(): Promise<void> {
    try {
      const text = await this.store.read(this.place);
      if (text !== null) await this.takeText(text);
    } catch (error) {
      console.warn(`wgslgrad ignores what its tuner has kept: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The name of the best way of such a call, if it was measured with the shaders of today. */
  chosen(call: KernelCall): string | undefined {
    if (this.entries.size === 0) return undefined;
    const entry = this.entries.get(tuningKey(call));
    return entry && this.isFresh(entry, call) ? entry.way : undefined;
  }

  /** Measures what is not known yet, one after the other, after whatever was asked for before. */
  tune(calls: readonly KernelCall[]): Promise<readonly Tuned[]> {
    const work = () => this.tuneNow(calls);
    const turn = this.lastTurn.then(work, work);
    this.lastTurn = turn;
    return turn;
  }

  report(): readonly Tuned[] {
    return [...this.entries.values()];
  }

  export(): string {
    return formatTable(this.identity, this.contents);
  }

  async import(text: string): Promise<void> {
    try {
      await this.takeText(text);
    } catch (error) {
      if (error instanceof FormatError)
        throw new FormatError(`the table is refused: ${error.message}`, { cause: error });
      throw error;
    }
    await this.keep();
  }

  async clear(): Promise<void> {
    this.entries.clear();
    this.fresh.clear();
    await this.keep();
  }

  private async tuneNow(calls: readonly KernelCall[]): Promise<readonly Tuned[]> {
    const wanted = new Map(
      calls.filter((call) => this.waysOf(call) !== null).map((call) => [tuningKey(call), call] as const),
    );
    const missing = await whenLoaded(() =>
      [...wanted].filter(([key, call]) => {
        const known = this.entries.get(key);
        return !known || !this.isFresh(known, call);
      }),
    );
    if (missing.length > 0) {
      const { tuneCall } = await import('./measuring.ts');
      this.roof ??= await this.bench.roof();
      for (const [key, call] of missing) {
        this.add(await tuneCall(key, call, (like) => this.waysOf(like) ?? [], this.bench, this.roof));
        // Whoever is interrupted later keeps it.
        await this.keep();
      }
    }
    return [...wanted.keys()].map((key) => this.entries.get(key)!);
  }

  /** A way that this very call does not have tells nothing of the shaders; the call then takes its first way. */
  private isFresh(entry: Entry, call: KernelCall): boolean {
    const known = this.fresh.get(entry);
    if (known !== undefined) return known;
    for (const way of this.waysOf(call) ?? []) {
      if (way.name !== entry.way) continue;
      const isFresh = shadersHash(way) === entry.shaders;
      this.fresh.set(entry, isFresh);
      return isFresh;
    }
    return false;
  }

  private async takeText(text: string): Promise<void> {
    const { parseTable } = await import('./measuring.ts');
    const { roof, entries } = parseTable(text, this.identity);
    this.roof ??= roof;
    for (const entry of entries) this.add(entry);
  }

  private add(entry: Entry): void {
    this.entries.set(entry.key, entry);
  }

  private get contents(): Table {
    return { roof: this.roof, entries: [...this.entries.values()] };
  }

  /** One file for each device: machines with two of them keep both. */
  private get place(): string {
    const { adapter, features, limits } = this.identity;
    return `tuned-${hashOf(JSON.stringify([adapter, features, limits]))}`;
  }

  private async keep(): Promise<void> {
    try {
      await this.store.write(this.place, formatTable(this.identity, this.contents));
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      console.warn(`wgslgrad cannot keep what its tuner measured for the next run: ${why}`);
    }
  }
}
