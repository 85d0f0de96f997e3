import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REGRESSIONS } from '../simulation/regressions.ts';
import { type Mutation, mutate, StaleMutationError } from '../simulation/teeth/mutation.ts';
import { MUTATIONS, mutationNamed } from '../simulation/teeth/mutations.ts';
import { runFairHunt, runHunt } from '../simulation/teeth/run-hunt.ts';

const root = new URL('../../', import.meta.url);
const MUTATION: Mutation = { name: 'any', says: '', file: 'a.ts', find: 'save()', replace: '' };

describe('the list of mutations', () => {
  it.each(MUTATIONS)('$name stands in its file once, and changes it', (mutation) => {
    const source = readFileSync(new URL(mutation.file, root), 'utf8');
    expect(mutate(source, mutation)).not.toBe(source);
  });

  it('has a name and a guarantee for each', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
    expect(MUTATIONS.filter(({ says }) => says.length < 20)).toEqual([]);
  });
});

describe('a mutation', () => {
  it.each([
    ['is gone', 'load();'],
    ['occurs twice', 'save(); save();'],
  ])('is stale where its text %s', (_title, source) => {
    expect(() => mutate(source, MUTATION)).toThrow(StaleMutationError);
  });

  it('replaces its text and nothing else', () => {
    expect(mutate('load(); save(); end();', MUTATION)).toBe('load(); ; end();');
  });
});

describe('each kept story breaks without what mended it', () => {
  it.each(REGRESSIONS.map(({ mutation }, number) => ({ number, mutation })))(
    '$number: $mutation',
    async ({ number, mutation }) => {
      expect(mutationNamed(mutation).name).toBe(mutation);
      const hunted = await runFairHunt(mutation, { from: number, to: number }, 'kept');
      expect(hunted).toMatchObject({ kind: 'caught' });
    },
  );

  it('and each mutation that only a story catches has one', () => {
    const named = REGRESSIONS.map(({ mutation }) => mutation);
    const only = MUTATIONS.filter(({ isOnlyOfStory }) => isOnlyOfStory === true).map(({ name }) => name);
    expect(only.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('a hunt', () => {
  it.each(['outbox-cleared-unpublished', 'generation-stays-on-reopening'])('catches %s', async (name) => {
    expect(mutationNamed(name).name).toBe(name);
    expect(await runFairHunt(name, { from: 1, to: 20 })).toMatchObject({ kind: 'caught' });
  });

  it('is clean without a mutation', async () => {
    expect(await runHunt(undefined, { from: 1, to: 3 })).toEqual({ kind: 'clean' });
  });

  it('tells when it was given a name that is none', async () => {
    expect(await runHunt('none', { from: 1, to: 3 })).toMatchObject({ kind: 'crashed' });
  });
});
