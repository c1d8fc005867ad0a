import { ResourceError } from '../../errors.ts';

/**
 * Loads a package that only pictures need, so that training runs without it.
 * Throws a ResourceError that names the package to install when it is missing or does not load here.
 */
export async function loadPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ResourceError(`pictures need the package "${name}": npm install --save-dev ${name} (${reason})`, {
      cause,
    });
  }
}
