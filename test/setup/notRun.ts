import type { Reporter, TestCollection, TestModule, TestSuite } from 'vitest/node';

/** Stands in the name of a suite that was left out, before the reason (see adapters.ts). */
export const notRunMark = 'NOT RUN without ';

/** Lists, after all else, the suites that did not run for want of an adapter or a browser. */
export default class NotRun implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap(leftOut);
    if (names.length === 0) return;
    console.log(
      `\n${names.length} ${names.length === 1 ? 'suite' : 'suites'} did not run (npm run preflight tells more):`,
    );
    for (const name of names) console.log(`  ${name}`);
  }
}

function leftOut(module: TestModule): string[] {
  return suites(module.children)
    .filter(({ name }) => name.includes(notRunMark))
    .map(({ name }) => `${module.relativeModuleId} > ${name}`);
}

function suites(children: TestCollection): TestSuite[] {
  return [...children.suites()].flatMap((suite) => [suite, ...suites(suite.children)]);
}
