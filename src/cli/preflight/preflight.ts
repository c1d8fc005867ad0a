import { commands, type Installation, install } from './apt.ts';
import type { Machine } from './machine.ts';
import type { Need } from './needs.ts';

/**
 * Makes sure that the machine has what is needed: installs it as root on Debian or Ubuntu, else says how to.
 * Prints one line when nothing is missing. Returns the exit status: 1 when something stays missing under CI=true, else 0.
 */
export function preflight(needs: readonly Need[], machine: Machine): 0 | 1 {
  const found = needs.map((need) => provide(need, machine));
  if (!found.includes(null)) {
    machine.print(needs.map((need, i) => `${need.name}: ${found[i]}`).join('; '));
    return 0;
  }
  return machine.ci ? 1 : 0;
}

/** The name of what was found or installed, or null after telling why there is none and what to do. */
function provide(need: Need, machine: Machine): string | null {
  const found = need.find(machine);
  if (found.name !== null) return found.name;
  machine.print(`No ${need.name} here: ${found.reason}.`);
  const cure = found.curable ? need.cure(machine) : null;
  if (cure !== null && typeof cure !== 'string' && machine.root && tryInstall(cure, machine)) {
    const now = need.find(machine);
    if (now.name !== null) return now.name;
    machine.print(`Installed, and still no ${need.name}: ${now.reason}.`);
  } else if (typeof cure === 'string') {
    machine.print(cure);
  } else if (cure) {
    machine.print('To install it, run:');
    for (const line of commands(cure)) machine.print(line);
  }
  machine.print(machine.ci ? `CI=true, so this is a failure.` : need.without);
  return null;
}

function tryInstall(cure: Installation, machine: Machine): boolean {
  const what = `${cure.packages.join(' ')}${cure.suite ? ` from ${cure.suite}` : ''}`;
  machine.print(`Installing ${what} with apt-get; this can take some minutes.`);
  const { ok, output } = install(cure, machine);
  if (ok) {
    machine.print(`Installed ${what}. The APT sources of this machine are unchanged.`);
  } else {
    machine.print('apt-get failed:');
    machine.print(output.trimEnd());
  }
  return ok;
}
