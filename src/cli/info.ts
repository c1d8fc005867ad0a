import { close, init, version } from '../index.ts';
import { UsageError } from './usageError.ts';

/** `wgslgrad info`: the backend that `auto` takes here, and why. */
export async function info(args: string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log('wgslgrad info [--json]: the backend and adapter that would be used, and why');
    return;
  }
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown) throw new UsageError(`info: unknown option ${unknown}; there is --json`);
  const { backend, adapter, reason } = await init();
  await close();
  if (args.includes('--json')) console.log(JSON.stringify({ version, backend, adapter, reason }, null, 2));
  else console.log(`wgslgrad ${version} would use ${backend}: ${adapter} (${reason})`);
}
