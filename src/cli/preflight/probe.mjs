// Asks Dawn for an adapter and prints one line of JSON, then leaves at once: Dawn's threads would keep Node alive.
// Plain JavaScript and a process of its own, so that it starts without a TypeScript loader, sees a driver that was
// installed a second ago, and cannot take its caller down with a driver that crashes.
import { writeSync } from 'node:fs';

/** @param {{ adapter: string } | { driver: string } | { broken: string }} answer */
function answer(answer) {
  writeSync(1, JSON.stringify(answer));
  process.exit();
}

try {
  const webgpu = await import('webgpu');
  Object.assign(globalThis, webgpu.globals);
  globalThis.keptAlive = webgpu.create([]);
  const adapter = await globalThis.keptAlive.requestAdapter();
  if (!adapter) answer({ driver: 'Dawn finds no graphics driver that it accepts' });
  await adapter.requestDevice();
  const { vendor, architecture, device, description } = adapter.info;
  answer({ adapter: description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter' });
} catch (error) {
  answer({ broken: String(error) });
}
