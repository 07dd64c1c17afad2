import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `npm run test:all`: the long tests. They print what they did, so a run can be judged by its output. */
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 1_200_000,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['verbose'],
  },
});
