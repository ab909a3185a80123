import { defineConfig } from 'vitest/config';

// Tests against other people's clients and tools: one file at a time, since they time out on a crowded machine.
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
