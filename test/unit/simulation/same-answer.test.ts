import { expect, test } from 'vitest';
import { isSameAnswer } from '../../simulation/result-invariants.ts';

const STORED =
  '{"usecase":"qer","contents":{"1.1":"a","1.2":"b"},"files":{"pdf":["https://assets.example/1?until=1"]}}';

test.each([
  { name: 'other links', other: STORED.replace('until=1', 'until=2'), isSame: true },
  {
    name: 'members in another order',
    other: STORED.replace('"1.1":"a","1.2":"b"', '"1.2":"b","1.1":"a"'),
    isSame: true,
  },
  { name: 'another content', other: STORED.replace('"1.2":"b"', '"1.2":"c"'), isSame: false },
  { name: 'an instance less', other: STORED.replace(',"1.2":"b"', ''), isSame: false },
  {
    name: 'one link more',
    other: STORED.replace('until=1"]', 'until=1","https://assets.example/2?until=1"]'),
    isSame: false,
  },
])('two answers with $name are one answer: $isSame', ({ other, isSame }) => {
  expect(isSameAnswer(STORED, other)).toBe(isSame);
});
