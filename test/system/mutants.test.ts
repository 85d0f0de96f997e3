import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Mutation, mutate, StaleMutationError } from '../simulation/mutants/mutation.ts';
import { MUTATIONS, mutationNamed } from '../simulation/mutants/mutations.ts';
import { runMutant, runMutantWithControl } from '../simulation/mutants/run-mutant.ts';
import { REGRESSIONS } from '../simulation/regressions.ts';

const root = new URL('../../', import.meta.url);
const MUTATION: Mutation = { name: 'any', says: '', file: 'a.ts', find: 'save()', replace: '' };

describe('the list of mutations', () => {
  it.each(MUTATIONS)('has the text of $name once in its file, and changes it', (mutation) => {
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

describe('each kept scenario breaks without its fix', () => {
  it.each(REGRESSIONS.map(({ mutation }, number) => ({ number, mutation })))(
    '$number: $mutation',
    async ({ number, mutation }) => {
      expect(mutationNamed(mutation).name).toBe(mutation);
      // That it is clean without the mutation is a test of its own, of the simulation.
      const outcome = await runMutant(mutation, { from: number, to: number }, 'kept');
      expect(outcome).toMatchObject({ kind: 'killed' });
    },
  );

  it('has a kept scenario for each mutation that needs one', () => {
    const named = REGRESSIONS.map(({ mutation }) => mutation);
    const only = MUTATIONS.filter(({ isOnlyOfScenario }) => isOnlyOfScenario === true).map(
      ({ name }) => name,
    );
    expect(only.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('a run with a mutation', () => {
  it('kills one by seeds', async () => {
    const { name } = mutationNamed('outbox-cleared-unpublished');
    expect(await runMutantWithControl(name, { from: 1, to: 20 })).toMatchObject({ kind: 'killed' });
  });

  it('breaks no invariant without a mutation', async () => {
    expect(await runMutant(undefined, { from: 1, to: 3 })).toEqual({ kind: 'survived' });
  });

  it('reports an unknown name', async () => {
    expect(await runMutant('none', { from: 1, to: 3 })).toMatchObject({ kind: 'crashed' });
  });
});
