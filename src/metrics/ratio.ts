import type { Counts } from './counts.ts';

/** a / b, and 0 where b is 0: what Keras gives for metrics of nothing. */
export const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);

export const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** What follows from the counts at threshold i. */
export type AtThreshold = (counts: Counts, i: number) => number;

/** How much of what was called positive is. */
export const precision: AtThreshold = ({ tp, fp }, i) => ratio(tp[i]!, tp[i]! + fp[i]!);
/** How much of what is positive was found; also called sensitivity. */
export const recall: AtThreshold = ({ tp, fn }, i) => ratio(tp[i]!, tp[i]! + fn[i]!);
/** How much of what is negative was found. */
export const specificity: AtThreshold = ({ tn, fp }, i) => ratio(tn[i]!, tn[i]! + fp[i]!);
/** How much of what is negative was called positive. */
export const fallOut: AtThreshold = ({ tn, fp }, i) => ratio(fp[i]!, tn[i]! + fp[i]!);
