import { defineConfig } from 'vitest/config';

/** They change what there is one of: the host's hugepages, cgroups and links. */
const SYSTEM = 'test/system/**/*.test.ts';

/** They run in the lab, by its own runner. */
const LAB = 'test/lab/**';

export default defineConfig({
  test: {
    // Generous: a busy machine is slow, and what can hang has a deadline of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxConcurrency: 4,
    projects: [
      {
        extends: true,
        test: {
          name: 'parallel',
          include: ['test/**/*.test.ts'],
          exclude: [SYSTEM, LAB, '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: { name: 'system', include: [SYSTEM], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
