import { defineConfig } from 'vitest/config';

/** `npm run test:figures`: whether gossip and swim reach their goals. Not a gate while swim is not the default. */
export default defineConfig({
  test: {
    include: ['test/**/*.figures.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 1_200_000,
    reporters: ['verbose'],
  },
});
