import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `npm test`: everything that is quick. What takes longer is named `*.long.test.ts` and runs in `npm run test:all`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    // The process tests mostly wait, so two cores carry three workers.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    benchmark: { include: ['bench/**/*.bench.ts'] },
  },
});
