import { expect, test } from 'vitest';
import { noteUnreached } from '../../../local/host/note-unreached.ts';
import { sourceNamed } from '../../support/world/world.ts';

const credentials = (baseUrl: string) => ({ baseUrl, token: 't', source: 's' });
const NORTH = { source: sourceNamed('north'), credentials: credentials('https://north.example') };
const SOUTH = { source: sourceNamed('south'), credentials: credentials('https://south.example') };

/** `south.example` does not exist. */
const ask = async (url: string) => {
  if (url.includes('south'))
    throw Object.assign(new Error('failed'), {
      cause: Object.assign(new Error('dns'), { code: 'ENOTFOUND' }),
    });
};

async function notesOf(sources: Parameters<typeof noteUnreached>[0], env = {}): Promise<string[]> {
  const notes: string[] = [];
  await noteUnreached(sources, env, (line) => notes.push(line), ask);
  return notes;
}

test('says which Qure does not answer, once, and why', async () => {
  expect(await notesOf([NORTH, SOUTH, SOUTH])).toEqual([
    expect.stringMatching(/^Qure: {5}https:\/\/south\.example does not answer \(ENOTFOUND\): /),
  ]);
});

test('asks no Qure that is behind a proxy', async () => {
  const network = { proxyUrl: 'http://proxy.example:3128' };
  expect(await notesOf([{ ...SOUTH, source: { ...SOUTH.source, network } }])).toEqual([]);
  expect(await notesOf([SOUTH], { HTTPS_PROXY: 'http://proxy.example:3128' })).toEqual([]);
});
