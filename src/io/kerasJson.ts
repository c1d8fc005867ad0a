/** Numbers that Python must see as floats even where they are whole: Keras refuses an SGD whose momentum is 0 and not 0.0. */
// biome-ignore format: a table
const floats: ReadonlySet<string> = new Set([
  'momentum', 'beta', 'threshold', 'rate', 'learning_rate', 'initial_learning_rate', 'epsilon', 'beta_1', 'beta_2', 'rho', 'weight_decay',
  'clipnorm', 'global_clipnorm', 'clipvalue', 'ema_momentum', 'loss_scale_factor', 'initial_accumulator_value',
]);

/** Stands before such a number until the text is made: a character that nobody uses. */
const MARK = '\uE000';

/** JSON for Keras. */
export function kerasJson(value: unknown): string {
  const marked = JSON.stringify(value, (name, one: unknown) =>
    floats.has(name) && Number.isSafeInteger(one) ? `${MARK}${one}` : one,
  );
  return marked.replaceAll(new RegExp(`"${MARK}(-?\\d+)"`, 'g'), '$1.0');
}
