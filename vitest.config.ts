import { defineConfig } from 'vitest/config';

const test = {
  globalSetup: 'test/support/temporary-folder.ts',
  // Integration tests start real servers and child processes; timings never fail a test, a hang does.
  testTimeout: 600_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...test,
          name: 'test',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: ['test/system/**'],
          // Half of the time went into loading the same modules for each of 250 files.
          isolate: false,
        },
      },
      // Whole hosts, killed processes and whole sets of mutants: minutes, in the gate.
      { test: { ...test, name: 'system', include: ['test/system/**/*.test.ts'] } },
    ],
  },
});
