import { describe, expect, test } from 'vitest';
import { filtersIn, findingKeyOf, fits, type Study, sectionsOf } from '../../../console/worklist/filters.ts';
import { toStudyView } from '../../../functions/api/study-view.ts';
import { doneRow } from '../../support/series-rows.ts';

const NOW = Date.parse('2026-03-08T10:00:00.000Z');
const filters = (query: string) => filtersIn(new URLSearchParams(query));
const study = (...usecases: ('qer' | 'qxr')[]): Study => {
  const [first = doneRow(), ...others] = usecases.map((usecase, n) =>
    doneRow({
      usecase,
      seriesInstanceUid: `1.2.${n}`,
      findings: [{ key: `${usecase}_found`, present: true }],
    }),
  );
  return toStudyView(first, others);
};

describe('the filter of the triage', () => {
  test('abnormal asks for what is critical too, and keeps it', () => {
    const [section] = sectionsOf(filters('triage=abnormal'), NOW);
    expect(section?.query).toMatchObject({ triage: 'abnormal,critical' });
    expect(fits(filters('triage=abnormal'), study('qer'))).toBe(true);
    expect(fits(filters('triage=abnormal'), study('qxr'))).toBe(true);
    expect(fits(filters('triage=critical'), study('qxr'))).toBe(false);
    expect(fits(filters('triage=critical'), study('qxr', 'qer'))).toBe(true);
  });

  test('another word is no filter', () => {
    expect(filters('triage=loud')).toEqual({ search: '' });
  });
});

describe('the filter of a finding', () => {
  test('is of the keys that are present, whatever their case', () => {
    expect(fits(filters('finding=QER_found'), study('qer'))).toBe(true);
    expect(fits(filters('finding=ICH'), study('qer'))).toBe(false);
  });

  test.each([
    ['a key', 'ICH', 'ICH'],
    ['a key in another case', 'ich', 'ICH'],
    ['words', ' intracranial hemorrhage ', 'ICH'],
    ['a key that no study has', 'EMPHYSEMA', 'EMPHYSEMA'],
    ['nothing', ' ', ''],
    ['words that no study has', 'Lung nodule', undefined],
  ])('takes %s', (_name, text, key) => {
    expect(findingKeyOf(text, [{ key: 'ICH', label: 'Intracranial hemorrhage' }])).toBe(key);
  });

  test('hides no study that has more findings than it tells', () => {
    const findings = Array.from({ length: 150 }, (_, n) => ({ key: `found_${n}`, present: true }));
    const view = toStudyView(doneRow({ usecase: 'qer', findings }), []);
    expect(view.findings).toHaveLength(100);
    expect(fits(filters('finding=found_149'), view)).toBe(true);
  });
});

describe('the filter of days', () => {
  const days = filters('period=days&from=2026-03-01&to=2026-03-02');

  test('asks for what changed in them, the last one included, in each part', () => {
    const since = new Date(2026, 2, 1).toISOString();
    const until = new Date(2026, 2, 3).toISOString();
    const sections = sectionsOf(days, NOW);
    expect(sections).toHaveLength(4);
    for (const { query, title, older } of sections) {
      expect(query).toMatchObject({ since, until });
      expect(title).not.toContain('last 7 days');
      expect(older).toBeUndefined();
    }
  });

  test('may have one end, and is none without its period or of another text', () => {
    const [critical] = sectionsOf(filters('period=days&to=2026-03-02&from=soon'), NOW);
    expect(critical?.query).toMatchObject({ since: undefined, until: new Date(2026, 2, 3).toISOString() });
    expect(filters('from=2026-03-01')).toEqual({ search: '' });
  });

  test('takes no study that came after them', () => {
    const came = (firstArrivalAt: string) => ({ ...study('qer'), firstArrivalAt });
    expect(fits(days, came('2026-03-01T12:00:00.000Z'))).toBe(true);
    expect(fits(days, came('2026-03-05T12:00:00.000Z'))).toBe(false);
  });
});

describe('the parts of the list', () => {
  test('say of what time they are, and lead to what is older', () => {
    expect(sectionsOf(filters(''), NOW).map(({ title, older }) => [title, older])).toEqual([
      ['Critical · last 7 days', { triage: 'critical', period: 'all' }],
      ['Under way · longest first', undefined],
      ['Failed · last 7 days', undefined],
      ['Finished · last 7 days', undefined],
    ]);
    expect(sectionsOf(filters('period=all'), NOW)[0]).not.toHaveProperty('older');
  });
});
