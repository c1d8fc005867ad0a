// What users name by a string: losses, metrics, optimizers, initializers, ...

/** Keras' spelling of a name given in camelCase or as a class: `meanSquaredError` -> mean_squared_error, `MSE` -> mse. */
export function snakeCase(name: string): string {
  if (/^[A-Z\d]+$/.test(name)) return name.toLowerCase();
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** The name of an option for the name that Keras writes into files: `beta_1` -> beta1, `global_clipnorm` -> globalClipnorm. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** The entry of that name, or null. Only the table's own: every object inherits a 'constructor', which is no loss. */
export function entryNamed<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? table[name]! : null;
}
