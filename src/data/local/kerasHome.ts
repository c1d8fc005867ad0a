import type { Platform } from '../../platform/index.ts';

/** Where Keras keeps what it has downloaded: KERAS_HOME, else ~/.keras. */
export function kerasHome({ files, env }: Platform): string | undefined {
  const home = env('HOME') ?? env('USERPROFILE');
  return env('KERAS_HOME') ?? (home && files?.join(home, '.keras'));
}
