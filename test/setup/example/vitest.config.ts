import { mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';
import NotRun from '../notRun.ts';

// For adapters.test.ts, which runs the suites of needy.ts on made-up machines. The project's own run leaves them out.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], reporters: ['default', new NotRun()] } },
  { test: { include: ['test/setup/example/needy.ts'] } },
);
