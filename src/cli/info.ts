import { parseArgs } from 'node:util';
import { close, init, version } from '../index.ts';
import { UsageError } from './usageError.ts';

const help = `wgslgrad info: the backend and adapter that would be used here, and why

  --json   as JSON
  --help`;

/** `wgslgrad info`: the backend that `auto` takes here, and why. */
export async function info(args: string[]): Promise<void> {
  const options = parse(args);
  if (options.help) {
    console.log(help);
    return;
  }
  try {
    const { backend, adapter, reason } = await init();
    if (options.json) console.log(JSON.stringify({ version, backend, adapter, reason }, null, 2));
    else console.log(`wgslgrad ${version} would use ${backend}: ${adapter} (${reason})`);
  } finally {
    await close();
  }
}

function parse(args: string[]) {
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args, options: { json: off, help: off }, strict: true }).values;
  } catch (cause) {
    throw new UsageError(`info: ${cause instanceof Error ? cause.message : String(cause)} (see --help)`, { cause });
  }
}
