import { mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

// For adapters.test.ts, which runs the suites of needy.ts on made-up machines. The project's own run leaves them out.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  { test: { include: ['test/setup/example/needy.ts'] } },
);
