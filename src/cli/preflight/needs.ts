import { type Installation, siblingSuite, sourceFiles } from './apt.ts';
import type { Found, Machine } from './machine.ts';

/** Something a command needs of the machine: how to look for it, and how it is installed there. */
export interface Need {
  /** How it is called in a sentence. */
  readonly name: string;
  find(machine: Machine): Found;
  /** What to install, or a sentence that says what a person can do. */
  cure(machine: Machine): Installation | string;
  /** What happens without it. */
  readonly without: string;
}

export const adapter: Need = {
  name: 'WebGPU adapter',
  find: (machine) => machine.findAdapter(),
  cure({ release, aptFolder }) {
    const packages = ['mesa-vulkan-drivers', 'libvulkan1'];
    if (!hasApt(release))
      return 'Install the driver of your graphics card, or a recent Mesa for a software adapter (lavapipe).';
    if (release.ID !== 'debian' || release.VERSION_ID !== '12') return { packages };
    // Dawn refuses the Mesa 22.3 of Debian 12: it lacks dynamic indexing of uniform arrays.
    const codename = release.VERSION_CODENAME ?? 'bookworm';
    const suite = `${codename}-backports`;
    const files = sourceFiles(aptFolder);
    if (siblingSuite(files, suite, suite)) return { packages, suite };
    const source = siblingSuite(files, codename, suite);
    return source
      ? { packages, suite, source }
      : `Add the suite ${suite} to this machine's APT sources (no entry for ${codename} main was found to copy), then install ${packages.join(' ')} from it.`;
  },
  without: 'Going on with the CPU backend.',
};

export const chromium: Need = {
  name: 'Chromium',
  find: (machine) => machine.findChromium(),
  cure({ release }) {
    return release.ID === 'debian'
      ? { packages: ['chromium'] }
      : 'Install Chromium or Google Chrome; when it lies in an unusual place, set CHROME_BIN to its path.';
  },
  without: 'Going on without the browser tests.',
};

function hasApt({ ID }: Machine['release']): boolean {
  return ID === 'debian' || ID === 'ubuntu';
}
