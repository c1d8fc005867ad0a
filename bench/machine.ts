// Where the figures are from: without it none of them means anything.
import { createRequire } from 'node:module';
import { arch, cpus, release, platform as system, totalmem } from 'node:os';
import { profileOf } from '../src/backend/webgpu/profile.ts';
import { version } from '../src/index.ts';
import { platform } from '../src/platform/index.ts';

export interface Machine {
  readonly facts: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** The adapter that our backend takes, and the machine around it. */
export async function describeMachine(): Promise<Machine> {
  const facts = {
    wgslgrad: version,
    'npm webgpu': packageVersion('webgpu'),
    Node: process.version,
    system: `${system()} ${release()} ${arch()}`,
    processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    'memory GB': String(Math.round(totalmem() / 1e9)),
  };
  const gpu = await platform.requestGpu();
  const adapter = typeof gpu === 'string' ? null : await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { facts: { adapter: 'none', ...facts }, features: [], limits: {} };
  const { vendor, architecture, device, description } = adapter.info;
  const name = [vendor, architecture, device, description].filter(Boolean).join(' ') || 'without a name';
  const limits: Record<string, number> = {};
  // Getters of a prototype, which no spreading reaches.
  for (const limit of Object.keys(Object.getOwnPropertyDescriptors(GPUSupportedLimits.prototype))) {
    const value: unknown = Reflect.get(adapter.limits, limit);
    if (typeof value === 'number') limits[limit] = value;
  }
  const { class: kind, measured } = profileOf(adapter.info);
  const adapterName = kind === 'software' ? `${name} (software)` : name;
  const profile = `of class ${kind}, ${measured ? 'measured' : 'from the literature: nobody has measured it yet'}`;
  return {
    facts: { adapter: adapterName, 'first ways': profile, ...facts },
    features: [...adapter.features].sort(),
    limits,
  };
}

function packageVersion(name: string): string {
  const manifest: unknown = createRequire(import.meta.url)(`${name}/package.json`);
  return String(Reflect.get(Object(manifest), 'version'));
}
