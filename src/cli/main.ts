#!/usr/bin/env node
// The `wgslgrad` command: finds the subcommand and turns every failure into one readable line.
import { WgslgradError } from '../errors.ts';
import { version } from '../version.ts';
import { explain } from './explain.ts';
import { info } from './info.ts';
import { train } from './train/train.ts';
import { UsageError } from './usageError.ts';

const commands: Readonly<Record<string, (args: string[]) => Promise<void>>> = { explain, info, train };

const help = `wgslgrad ${version}

  wgslgrad train     trains the reference CNN on handwritten digits or clothes
  wgslgrad explain   lists the dispatches of a training step: what each computes, and what limits it
  wgslgrad info      says which backend and adapter would be used

Each takes --help.`;

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(help);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new UsageError(`there is no command ${JSON.stringify(name)}; there are ${Object.keys(commands).join(', ')}`);
  await command(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (process.env.WGSLGRAD_DEBUG) console.error(error);
  else console.error(`wgslgrad: ${inOneLine(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

/** Our own errors say all there is to say; of any other, the place in the code is worth asking for. */
function inOneLine(error: unknown): string {
  if (error instanceof WgslgradError || error instanceof UsageError) return error.message;
  return `unexpected ${String(error)}; WGSLGRAD_DEBUG=1 shows where`;
}
