import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../support/page-steps.ts';
import { startReader } from './reader.ts';

/** Pages that a reader follows from top to bottom on one machine. */
const PAGES = [
  'docs/tutorial.md',
  'docs/how-to-first-site.md',
  'docs/how-to-stroke-lane.md',
  'docs/how-to-critical-findings.md',
  'docs/how-to-results-for-a-program.md',
];

describe.each(PAGES)('%s', (page) => {
  it('shows what it says, from top to bottom', async () => {
    const steps = stepsOf(page);
    expect(steps.filter(({ kind }) => kind === 'commands').length).toBeGreaterThan(1);
    const reader = await startReader();
    try {
      for (const step of steps) await reader.follow(step);
    } finally {
      await reader.end();
    }
  });
});
