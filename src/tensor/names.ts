// What users name by a string: losses, metrics, optimizers, initializers, ...

/** Keras' spelling of a name given in camelCase or as a class: `meanSquaredError` -> mean_squared_error, `KLDivergence` -> kl_divergence. */
export function snakeCase(name: string): string {
  if (/^[A-Z\d]+$/.test(name)) return name.toLowerCase();
  const words = name.replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z\d])([A-Z])/g, '$1_$2');
  return words.toLowerCase();
}

/** What Keras calls the first layer of a class, and what its files call all of them: `Conv2D` -> conv2d, `ReLU` -> re_lu. */
export function baseName(className: string): string {
  const words = className.replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2');
  return words.toLowerCase();
}

/** The name of an option for the name that Keras writes into files: `beta_1` -> beta1, `kernel_size` -> kernelSize. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

/** The entry of that name, or null. Only the table's own: every object inherits a 'constructor', which is no loss. */
export function entryNamed<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? table[name]! : null;
}
