import { expect, test } from 'vitest';
import { buildConsolePage } from '../../../local/console/console-page.ts';

const FACTS = { version: '0', s3Endpoint: 'http://127.0.0.1:4566', dropUrl: 's3://drop/default/' };
const bannerOf = (facts: { qure: string; simulatedSources?: string[] }) =>
  /<p class="banner (\w+)">([^<]*)</.exec(buildConsolePage({ ...FACTS, ...facts }).html)?.slice(1);

test('a page of the simulator alone warns', () => {
  expect(bannerOf({ qure: 'simulator', simulatedSources: ['default'] })).toEqual([
    'simulated',
    expect.stringContaining('Nothing here is a finding'),
  ]);
});

test('a page of mixed sources warns of those of the simulator, and knows their names', () => {
  const facts = { qure: 'simulator, https://qure.example', simulatedSources: ['trial'] };
  expect(bannerOf(facts)).toEqual(['simulated', expect.stringMatching(/^SIMULATED RESULTS of trial: /)]);
  expect(buildConsolePage({ ...FACTS, ...facts }).html).toContain('data-simulated="[&#34;trial&#34;]"');
});

test('a page of the platform alone does not', () => {
  expect(bannerOf({ qure: 'https://qure.example' })).toEqual(['platform', 'Qure at https://qure.example']);
});
