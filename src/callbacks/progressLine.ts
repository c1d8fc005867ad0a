import type { Terminal } from '../platform/platform.ts';
import { fixed, logValue, remainingTime, stepTime } from './formatNumber.ts';

/** A loss or metric by its name. Names that start with `val_` are those of the validation data. */
export type LogEntry = readonly [name: string, value: number];

export interface ProgressState {
  /** Steps done. */
  readonly current: number;
  /** Steps of the whole epoch; null as long as nobody knows. */
  readonly total: number | null;
  /** Seconds since the epoch began. */
  readonly elapsedSeconds: number;
  readonly secondsPerStep: number;
  readonly logs: readonly LogEntry[];
  /** True for the line that closes the epoch: it shows the time taken, not the time left. */
  readonly done: boolean;
}

const BAR_CELLS = 20;
const BOLD = '\x1b[1m';
const GREEN = '\x1b[32m';
const WHITE = '\x1b[37m';
const RESET = '\x1b[0m';
const REDRAW = '\r\x1b[K';
const REDRAW_SECONDS = 0.05;

/** `Epoch 3/10`; `epoch` counts from 0. */
export function epochHeader(epoch: number, epochs: number): string {
  return `Epoch ${epoch + 1}/${epochs}`;
}

/** The line with the bar (verbose 1), without line end. `ansi` adds bold and colour and leaves the visible text as it is. */
export function progressLine(state: ProgressState, style: { readonly ansi: boolean }): string {
  const paint = (code: string, text: string) => (style.ansi && text !== '' ? code + text + RESET : text);
  const bar = state.total === null ? '' : ` ${paintedBar(state.current, state.total, paint)}`;
  return `${paint(BOLD, stepCount(state))}${bar} ${paint(BOLD, clock(state))} ${stepTime(state.secondsPerStep)}${logText(state.logs)}`;
}

/** The one line of an epoch in verbose 2, without line end: no bar, no control codes. */
export function epochLine(state: ProgressState): string {
  return `${stepCount(state)} - ${fixed(state.elapsedSeconds, 0)}s - ${stepTime(state.secondsPerStep)}${logText(state.logs)}`;
}

/** The order on the line: alphabetical by character code, validation after training. */
export function orderLogs(logs: readonly LogEntry[]): LogEntry[] {
  const isValidation = (name: string) => name.startsWith('val_');
  return [...logs].sort(
    ([a], [b]) => Number(isValidation(a)) - Number(isValidation(b)) || (a < b ? -1 : Number(a > b)),
  );
}

/** The line that stands half drawn, if any: there is one cursor. */
let halfDrawn: ProgressLine | null = null;

/** Leaves a half-drawn line as it is, so that other text (a message of a callback, a warning) starts on a line of its own. */
export function breakOpenLine(): void {
  halfDrawn?.breakLine();
}

export interface ProgressLineOptions {
  /** 0 prints nothing, 1 the line with the bar, 2 one plain line for each epoch. */
  readonly verbose: 0 | 1 | 2;
  /** Epoch headers appear only when there is more than one. */
  readonly epochs: number;
  readonly terminal: Terminal;
  /** Seconds on a clock that never goes back; its zero does not matter. */
  readonly now: () => number;
}

/**
 * What a run of `fit`, `evaluate` or `predict` prints: for each epoch `begin`, one `update` a batch, and `end`.
 *
 * Where the output is no terminal (a file, a CI log, a browser console), a line cannot be redrawn: each redraw would stay
 * as a line of its own, thousands for one epoch, full of control codes. There only the closing line is written, in full.
 */
export class ProgressLine {
  private readonly options: ProgressLineOptions;
  private total: number | null = null;
  private current = 0;
  private startedAt = 0;
  private lastStepAt = 0;
  private firstReport: { readonly step: number; readonly at: number } | null = null;
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressLineOptions) {
    this.options = options;
  }

  /** Starts an epoch, counted from 0, of `total` steps (null: not known). */
  begin(epoch: number, total: number | null): void {
    const { verbose, epochs, now, terminal } = this.options;
    this.total = total;
    this.current = 0;
    this.startedAt = now();
    this.lastStepAt = this.startedAt;
    this.firstReport = null;
    this.drawnAt = Number.NEGATIVE_INFINITY;
    if (verbose !== 0 && epochs > 1) terminal.write(`${epochHeader(epoch, epochs)}\n`);
  }

  /** Reports that `current` steps of the epoch are done, with the logs so far. Draws only when a redraw is due. */
  update(current: number, logs: readonly LogEntry[]): void {
    const { verbose, now, terminal } = this.options;
    this.current = current;
    this.lastStepAt = now();
    this.firstReport ??= { step: current, at: this.lastStepAt };
    if (verbose !== 1 || !terminal.interactive) return;
    // The last step is always drawn: the line then stands as it is for as long as validation takes.
    if (this.lastStepAt - this.drawnAt < REDRAW_SECONDS && current !== this.total) return;
    terminal.write(REDRAW + this.fittingLine(logs));
    this.drawnAt = this.lastStepAt;
    halfDrawn = this;
  }

  /** Closes the epoch with its final logs. An epoch of unknown length is now known to have as many steps as were done. */
  end(logs: readonly LogEntry[]): void {
    const { verbose, terminal } = this.options;
    if (verbose === 0) return;
    const state = { ...this.state(logs, true), total: this.total ?? this.current };
    const { interactive } = terminal;
    const line = verbose === 2 ? epochLine(state) : progressLine(state, { ansi: interactive });
    terminal.write(`${halfDrawn === this ? REDRAW : ''}${line}\n`);
    if (halfDrawn === this) halfDrawn = null;
  }

  /** Leaves the line as it is, if it is half drawn: what is written next starts on a line of its own. */
  breakLine(): void {
    if (halfDrawn !== this) return;
    this.options.terminal.write('\n');
    halfDrawn = null;
  }

  private state(logs: readonly LogEntry[], done: boolean): ProgressState {
    const { current, total } = this;
    const elapsedSeconds = this.options.now() - this.startedAt;
    return { current, total, elapsedSeconds, secondsPerStep: this.secondsPerStep(), logs, done };
  }

  /**
   * Measured up to the last step, so that validation does not count, and without the first report as soon as there is
   * a second: the first step compiles the shaders. (A backend that reports several steps at once starts with more than 1.)
   */
  private secondsPerStep(): number {
    const first = this.firstReport;
    if (first === null || this.current === 0) return 0;
    if (this.current > first.step) return (this.lastStepAt - first.at) / (this.current - first.step);
    return (this.lastStepAt - this.startedAt) / this.current;
  }

  /** A line that the terminal wraps cannot be redrawn in place, so a running line leaves out the last logs when it is too long. */
  private fittingLine(logs: readonly LogEntry[]): string {
    const ordered = orderLogs(logs);
    const lineWith = (count: number, ansi: boolean) =>
      progressLine(this.state(ordered.slice(0, count), false), { ansi });
    let count = ordered.length;
    while (count > 0 && lineWith(count, false).length >= this.options.terminal.columns) count--;
    return lineWith(count, true);
  }
}

function stepCount({ current, total }: ProgressState): string {
  if (total === null) return `${String(current).padStart(7)}/Unknown`;
  return `${String(current).padStart(String(total).length)}/${total}`;
}

function paintedBar(current: number, total: number, paint: (code: string, text: string) => string): string {
  const full = total > 0 ? Math.min(BAR_CELLS, Math.floor((BAR_CELLS * current) / total)) : BAR_CELLS;
  return paint(GREEN, '━'.repeat(full)) + paint(WHITE, '━'.repeat(BAR_CELLS - full));
}

function clock({ current, total, elapsedSeconds, secondsPerStep, done }: ProgressState): string {
  if (done || total === null) return `${fixed(elapsedSeconds, 0)}s`;
  return remainingTime(secondsPerStep * (total - current));
}

function logText(logs: readonly LogEntry[]): string {
  return orderLogs(logs)
    .map(([name, value]) => ` - ${name}: ${logValue(value)}`)
    .join('');
}
