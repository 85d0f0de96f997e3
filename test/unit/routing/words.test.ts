import fc from 'fast-check';
import { expect, test } from 'vitest';
import { regionsInText } from '../../../functions/routing/regions-of.ts';
import { fold, isTerm, termFinder } from '../../../functions/routing/words.ts';

test.each([
  ['Schädel', 'SCHADEL'],
  ['Straße', 'STRASSE'],
  ['CRÂNE', 'CRANE'],
  ['ødem', 'ODEM'],
  ['głowa', 'GLOWA'],
  ['kafatası', 'KAFATASI'],
  ['BEYİN', 'BEYIN'],
  ['sọ não', 'SO NAO'],
  ['лёгкие', 'ЛЕГКИЕ'],
  ['ガン', 'ガン'],
  ['두부', '두부'],
  ['ＣＨＥＳＴ', 'CHEST'],
])('%s folds to %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test.each<[term: string, text: string, found: boolean]>([
  ['HEAD', 'HEAD_5.0_H31s', true],
  ['HEAD', 'Head^Routine', true],
  ['HEAD', 'HEAD1', true],
  ['HEAD', '(head)', true],
  ['HEAD', 'CTHead', true],
  ['HEAD', 'HEADER', false],
  ['HEAD', 'OVERHEAD', false],
  ['T SPINE', 'T-SPINE', true],
  ['C A P', 'C.A.P.', true],
  ['H31s', 'Head h31S', true],
  ['ABDOM*', 'abdominal', true],
  ['*THORAX', 'Röntgenthorax', true],
  ['*ORA*', 'thorax', true],
  ['GRUD* KLET*', 'grudnaya kletka', true],
  ['頭部', '頭部単純CT', true],
  ['부', '두부', true],
  ['CHEST', '', false],
])('%s in "%s": %s', (term, text, found) => {
  expect(termFinder([[term, true]])(text).size > 0).toBe(found);
});

test('matches the longest term first', () => {
  const find = termFinder([
    ['HEAD', 'head'],
    ['FEMORAL HEAD', 'limb'],
    ['胸', 'chest'],
    ['胸椎', 'spine'],
  ]);
  expect([...find('FEMORAL HEAD')]).toEqual(['limb']);
  expect([...find('FEMORAL HEAD AND HEAD')].sort()).toEqual(['head', 'limb']);
  expect([...find('胸椎')]).toEqual(['spine']);
  expect([...find('胸椎 胸部')].sort()).toEqual(['chest', 'spine']);
});

test('refuses a term without a letter or a digit', () => {
  expect(isTerm(' -*- ')).toBe(false);
  expect(() => termFinder([['-', true]])).toThrow(TypeError);
});

test('reads any text, whatever its separators and case', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(regionsInText(text)).toBeInstanceOf(Set);
    }),
  );
  const words = fc.array(fc.constantFrom('HEAD', 'FEMORAL', 'CHEST', 'SPINE', 'T', '5', 'ROUTINE'), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(words, fc.constantFrom('_', ' - ', '^', '/', '.', ', '), (list, separator) => {
      const plain = [...regionsInText(list.join(' '))].sort();
      expect([...regionsInText(list.join(separator).toLowerCase())].sort()).toEqual(plain);
    }),
  );
});
