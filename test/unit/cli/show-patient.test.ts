import { expect, test } from 'vitest';
import { show } from '../../../cli/commands/show.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const asked: unknown[] = [];
const call = async (request: unknown) => {
  asked.push(request);
  return { source: 'north', seriesInstanceUid: '1.2.3', patientName: 'Doe^\u001b[2JJane', patientId: '4711' };
};

test('asks for the patient of a series with the reason, and shows no control character', async () => {
  const { code, lines } = await runCli(
    show,
    ['1.2.3', '--patient', '--source', 'north', '--comment', 'ward 7'],
    call,
  );
  expect(code).toBe(0);
  expect(asked).toEqual([
    {
      method: 'POST',
      path: '/v1/series/1.2.3/patient',
      query: { source: 'north' },
      body: { comment: 'ward 7' },
    },
  ]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^name: +Doe\^.*Jane$/);
  expect(lines[1]).toMatch(/^patient ID: +4711$/);
  expect(lines.join('')).not.toContain('\u001b');
});

test('prints JSON', async () => {
  const { lines } = await runCli(show, ['1.2.3', '--patient', '--json'], call);
  expect(JSON.parse(lines.join('\n'))).toEqual({ patientName: 'Doe^\u001b[2JJane', patientId: '4711' });
});
