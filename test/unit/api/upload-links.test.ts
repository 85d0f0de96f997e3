import { describe, expect, test } from 'vitest';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { START, sourceNamed } from '../../support/world/world.ts';
import { post } from './ask-api.ts';

const twoSites = () =>
  newWorld({ sources: [sourceNamed('north', { prefix: 'sites/n/' }), sourceNamed('south')] });

describe('POST /v1/uploads', () => {
  test('returns one link for each file, in a new folder below the prefix of the source', async () => {
    const world = twoSites();
    world.clock.advance(0.85);
    const { status, body } = await post(world, '/v1/uploads', { source: 'north', count: 2 });
    expect(status).toBe(201);
    const folder = 'sites/n/upload-folder-1/';
    expect(body).toEqual({
      uploads: ['0001', '0002'].map((file) => ({
        key: folder + file,
        url: `https://drop.example/${folder}${file}?expires=900`,
        method: 'PUT',
      })),
      folder: 'upload-folder-1',
      // A signature has no milliseconds: what it is good for begins with its second.
      expiresAt: addSeconds(START, 900),
    });
  });

  test('returns the link of the marker with its body, if requested', async () => {
    const request = { source: 'south', count: 1, expiresInSeconds: 60, withMarker: true };
    const { body } = await post(twoSites(), '/v1/uploads', request);
    const key = 'south/upload-folder-1/_COMPLETE';
    expect(body).toMatchObject({
      marker: { key, url: `https://drop.example/${key}?expires=60`, method: 'PUT', body: '' },
    });
  });

  test('makes more links for the folder of an earlier answer: a new folder inside it, and the same marker', async () => {
    const world = twoSites();
    const first = { source: 'north', count: 1 };
    const { body: earlier } = await post(world, '/v1/uploads', first);
    const folder = earlier['folder'];
    const { body } = await post(world, '/v1/uploads', { ...first, zips: 1, withMarker: true, folder });
    expect(body).toMatchObject({
      uploads: [{ key: 'sites/n/upload-folder-1/folder-1/0001.zip' }],
      marker: { key: 'sites/n/upload-folder-1/_COMPLETE' },
      folder,
    });
  });

  test.each([
    { name: 'the least', request: { count: 1, expiresInSeconds: 60 }, links: 1 },
    { name: 'the most', request: { count: 1000, expiresInSeconds: 3600 }, links: 1000 },
  ])('accepts $name', async ({ request, links }) => {
    const { status, body } = await post(twoSites(), '/v1/uploads', { source: 'north', ...request });
    expect(status).toBe(201);
    const keys = (body['uploads'] as { key: string }[]).map(({ key }) => key);
    expect(new Set(keys).size).toBe(links);
  });

  test('names the last ones as archives, if some are', async () => {
    const { body } = await post(twoSites(), '/v1/uploads', { source: 'south', count: 3, zips: 2 });
    const keys = (body['uploads'] as { key: string }[]).map(({ key }) => key);
    expect(keys).toEqual(['0001', '0002.zip', '0003.zip'].map((file) => `south/upload-folder-1/${file}`));
  });

  test.each([
    { name: 'more archives than files', body: { source: 'north', count: 1, zips: 2 }, pointer: 'request' },
    { name: 'no source', body: { count: 1 }, pointer: 'source' },
    {
      name: 'too long a time',
      body: { source: 'north', count: 1, expiresInSeconds: 3601 },
      pointer: 'expiresInSeconds',
    },
    ...[
      '',
      'upload-',
      'a',
      'upload-a/',
      'upload-../b',
      'upload-a\n',
      '../upload-a',
      `upload-${'a'.repeat(65)}`,
    ].map((folder) => ({
      name: `the folder ${JSON.stringify(folder)}`,
      body: { source: 'north', count: 1, folder },
      pointer: 'folder',
    })),
    { name: 'a key of the sender', body: { source: 'north', count: 1, key: 'Doe^Jane' }, pointer: 'request' },
  ])('refuses and names $name', async ({ body, pointer }) => {
    const answer = await post(twoSites(), '/v1/uploads', body);
    expect(answer.status).toBe(400);
    expect(answer.body['detail']).toMatch(new RegExp(`^${pointer}: `));
  });

  test.each(['west', 'sites/n/', '__proto__'])('refuses the unknown source %s', async (source) => {
    expect(await post(twoSites(), '/v1/uploads', { source, count: 1 })).toMatchObject({
      status: 404,
      body: { title: 'Unknown source' },
    });
  });

  test('logs no link, also if signing fails', async () => {
    const world = twoSites();
    await post(world, '/v1/uploads', { source: 'north', count: 1 });
    breakCalls(world.probe, 'world.linkUpload', 'after');
    expect((await post(world, '/v1/uploads', { source: 'north', count: 1 })).status).toBe(500);
    expect(JSON.stringify(world.log)).not.toMatch(/drop\.example|upload-/);
  });
});
