import { defineConfig } from 'vitest/config';

/** For the tests inside the lab: one file after the other, since they share its kernel, and in one process, since an import is slow. */
export default defineConfig({
  test: {
    include: ['**/*.test.js'],
    exclude: ['bundled/**'],
    server: { deps: { external: [/\/bundled\//] } },
    testTimeout: 400_000,
    hookTimeout: 400_000,
    fileParallelism: false,
    isolate: false,
  },
});
