import { describe, expect, it } from 'vitest';
import { resultTable } from '../../../local/progress/result-table.ts';
import { widthOf } from '../../../local/progress/terminal-text.ts';
import type { SeriesItem } from '../../../local/report.ts';

const SERIES: SeriesItem = {
  source: 'default',
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.840.113619.2.55.3.604688119.971.1234567890.123',
  modality: 'CT',
  product: 'qER',
  state: 'DONE',
  generation: 1,
  instances: 24,
  triage: 'critical',
};
const plain = (text: string): string => text;

describe('the result table', () => {
  it('has one aligned line per series', () => {
    const skipped: SeriesItem = {
      source: 'default',
      studyInstanceUid: '1.2',
      seriesInstanceUid: '1.2.4',
      modality: 'SR',
      state: 'SKIPPED',
      reason: 'filtered',
      detail: 'not an image',
      generation: 1,
      instances: 1,
    };
    expect(resultTable([SERIES, skipped], [], { columns: 120, paint: plain })).toEqual([
      'STATE    PRODUCT  TRIAGE    MODALITY  INSTANCES  SERIES                          REASON',
      'DONE     qER      critical  CT               24  1.2.840.1…9.971.1234567890.123',
      'SKIPPED  -        -         SR                1  1.2.4                           filtered: not an image',
    ]);
  });

  it('marks what the simulator has answered, also while a later generation shows its triage', () => {
    const simulated = { ...SERIES, isSimulated: true };
    const again: SeriesItem = { ...simulated, state: 'FAILED', generation: 2 };
    const [, real, done, failed] = resultTable([SERIES, simulated, again], [], {
      columns: 120,
      paint: plain,
    });
    expect(real).not.toContain('SIMULATED');
    expect(done).toMatch(/ SIMULATED$/);
    expect(failed).toMatch(/ SIMULATED, generation 2$/);
  });

  it('shows how many images have no result', () => {
    const [, line] = resultTable([{ ...SERIES, unreadInstances: 2 }], [], { columns: 120, paint: plain });
    expect(line).toMatch(/ 2 unread$/);
  });

  it('says that Qure calls the scan invalid', () => {
    const [, line] = resultTable([{ ...SERIES, isInvalidScan: true }], [], { columns: 120, paint: plain });
    expect(line).toMatch(/ invalid scan$/);
  });

  it('lists quarantined objects, up to a number', () => {
    const quarantined = ['a', 'b', 'c'].map((name) => ({
      key: `default/${name}\x1b[1m`,
      reason: 'not_dicom',
    }));
    expect(resultTable([], quarantined, { columns: 100, paint: plain, maxQuarantined: 2 })).toEqual([
      'no series',
      '',
      'QUARANTINED: 3 objects that cannot be indexed',
      'not_dicom  default/a [1m',
      'not_dicom  default/b [1m',
      '+1 more: GET /v1/quarantine lists all',
    ]);
  });

  it('has the whole reason in a file', () => {
    const columns = widthOf({ isTTY: false });
    const [, line] = resultTable([{ ...SERIES, reason: 'r'.repeat(500) }], [], { columns, paint: plain });
    expect(line).toContain('r'.repeat(500));
    expect(widthOf({ isTTY: true, columns: 0 })).toBe(80);
  });

  it('is never wider than the terminal, and paints only the state', () => {
    const lines = resultTable([{ ...SERIES, reason: 'r'.repeat(200) }], [], {
      columns: 60,
      paint: (text, state) => `<${state}>${text}</>`,
    });
    expect(lines[0]?.length).toBeLessThanOrEqual(60);
    expect(lines[1]?.startsWith('<DONE>DONE</> ')).toBe(true);
    expect(lines[1]?.replace(/<[^>]*>/g, '').length).toBe(60);
  });
});
