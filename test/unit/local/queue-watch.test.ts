import { describe, expect, it } from 'vitest';
import { areQueuesIdle, createChangeNotice } from '../../../local/host/queue-watch.ts';

describe('areQueuesIdle', () => {
  const none = { visible: 0, inflight: 0, delayed: 0 };
  const names = { ingest: 'in', completion: 'check' };
  it.each([
    ['nothing anywhere', { in: none, check: none }, true],
    ['an object that waits', { in: { ...none, visible: 1 }, check: none }, false],
    ['an object at work', { in: { ...none, inflight: 1 }, check: none }, false],
    ['a delayed notification', { in: { ...none, delayed: 1 }, check: none }, false],
    ['a check that waits', { in: none, check: { ...none, visible: 1 } }, false],
    ['a check at work', { in: none, check: { ...none, inflight: 1 } }, false],
    ['a delayed check, which is old', { in: none, check: { ...none, delayed: 1 } }, true],
    ['later stages, which are old', { in: none, check: none, compute: { ...none, visible: 9 } }, true],
    ['a queue that is not there (yet)', { in: none }, false],
  ])('%s', (_name, counts, isIdle) => {
    expect(areQueuesIdle(counts, names)).toBe(isIdle);
  });
});

describe('createChangeNotice', () => {
  const none = { visible: 0, inflight: 0, delayed: 0 };
  it.each([
    ['nothing new', [{ in: none }, { in: none }], false],
    ['a message that waits', [{ in: { ...none, visible: 1 } }, { in: { ...none, visible: 1 } }], true],
    ['a message at work', [{ in: { ...none, inflight: 1 } }, { in: { ...none, inflight: 1 } }], true],
    ['a message that has ended', [{ in: { ...none, delayed: 1 } }, { in: none }], true],
    ['a delayed message', [{ in: { ...none, delayed: 1 } }, { in: { ...none, delayed: 1 } }], false],
    ['a dead letter', [{ inDead: none }, { inDead: { ...none, visible: 1 } }], false],
  ])('says whether a series may have changed: %s', (_name, [first = {}, second = {}], expected) => {
    const mayHaveChanged = createChangeNotice();
    mayHaveChanged(first);
    expect(mayHaveChanged(second)).toBe(expected);
  });
});
