import { describe, expect, it } from 'vitest';
import { parseReconcileOptions } from '../../../local/commands/reconcile-options.ts';
import { UsageError } from '../../../local/options/usage-error.ts';

describe('the options of reconcile', () => {
  it.each([
    { argv: [], options: { isRepair: false, dataDir: '.local', minAgeSeconds: 60 } },
    {
      argv: ['--repair', '--source', 'a', '--json', 'f', '--data-dir', 'd', '--min-age', '0.5'],
      options: { isRepair: true, source: 'a', jsonFile: 'f', dataDir: 'd', minAgeSeconds: 0.5 },
    },
    { argv: ['-h'], options: 'help' },
  ])('$argv', ({ argv, options }) => {
    expect(parseReconcileOptions(argv)).toEqual(options);
  });

  it.each([
    { argv: ['--repairs'] },
    { argv: ['path'] },
    { argv: ['--source'] },
    { argv: ['--min-age', '1h'] },
    { argv: ['--min-age', '604801'] },
  ])('$argv is refused', ({ argv }) => {
    expect(() => parseReconcileOptions(argv)).toThrow(UsageError);
  });
});
