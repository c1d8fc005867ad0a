// npm run bench:peers [-- steps kernels start resnet50 cpu] [--json FILE] [--tuned]. Installs the other engines on first use, then compares.
import { fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installedVersion, wanted } from './versions.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

const missing = wanted().filter(([name, version]) => installedVersion(name) !== version);
if (missing.length > 0) {
  console.log(`Installing ${missing.map((one) => one.join(' ')).join(', ')} in bench/peers (about 450 MB, once) ...`);
  const args = ['install', '--prefix', folder, '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not install the other engines', { cause: error });
}

// A process of its own, ended from here: onnxruntime-web keeps it from ending by itself.
const child = fork(fileURLToPath(new URL('compare.ts', import.meta.url)), process.argv.slice(2), {
  execArgv: ['--import', 'tsx'],
});
child.on('message', (exitCode) => {
  process.exitCode = Number(exitCode);
  child.kill('SIGKILL');
});
child.on('exit', (code) => {
  process.exitCode ??= code ?? 1;
});
