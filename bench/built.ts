// Builds the package, so that what starts is what the sources say now.
import { spawnSync } from 'node:child_process';

/** Throws when the package does not build. */
export function requireBuilt(): void {
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run build failed:\n${stdout}${stderr}`);
}
