/** What no code can say of an operation. Everything else on its page is read from the code. */
export interface OpText {
  /** The result, element by element. A code block, so that lines may be aligned. */
  readonly formula: string;
  /** Of the inputs, an arrow, of the results. */
  readonly shapes: string;
  /** The gradients by the inputs, or 'not differentiable: ' and the reason. */
  readonly gradient: string;
  /** What happens at kinks, poles, ties and borders, in Markdown. */
  readonly special?: string;
}

export interface Family {
  readonly title: string;
  /** By the name of the operation in the registry. */
  readonly ops: Readonly<Record<string, OpText>>;
}

export const NOT_DIFFERENTIABLE = 'not differentiable';

/** The gradient of what has no inputs. */
export const NO_INPUTS = 'none: it has no inputs';
