import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// npm leaves an optional package out without an error when its download fails; then the system's Node runs the tests.
if (Number.parseInt(process.versions.node, 10) < 24) {
  throw new Error(
    `expected Node.js 24, which npm ci installs on Linux and Windows, got ${process.versions.node}: run npm ci again`,
  );
}

const test = {
  globalSetup: 'test/support/run-environment.ts',
  // Integration tests start real servers and child processes; timings never fail a test, a hang does.
  testTimeout: 1_800_000,
  hookTimeout: 1_800_000,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
