import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `npm test`: everything that is quick. What takes longer is named `*.long.test.ts` and runs in `npm run test:all`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    // No module has a state of its own, so files share those that are loaded: half of the time went into loading them anew.
    isolate: false,
    // Vitest leaves a core free; of two that would be half of them, and the process tests mostly wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    benchmark: { include: ['bench/**/*.bench.ts'] },
  },
});
