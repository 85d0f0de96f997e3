import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { S3Error } from '../src/s3-error.ts';
import { childText, parseXml } from '../src/xml-reader.ts';
import { leaf, xmlDocument } from '../src/xml-writer.ts';

describe('reading', () => {
  it.each([
    ['a plain document', '<A><B>x</B></A>', 'x'],
    [
      'a declaration, a namespace and a comment',
      '<?xml version="1.0"?>\n<A xmlns="n>"><!-- <B> --><B>x</B></A>\n',
      'x',
    ],
    ['prefixes', '<s:A xmlns:s="n"><s:B>x</s:B></s:A>', 'x'],
    ['references', '<A><B>&lt;&amp;&#10;&#x1F600;&quot;</B></A>', '<&\n\u{1f600}"'],
    ['CDATA', '<A><B><![CDATA[<&]]>y</B></A>', '<&y'],
    ['an empty element', '<A><B/></A>', ''],
    ['a missing element', '<A><C>x</C></A>', undefined],
  ])('%s', (_name, text, expected) => {
    expect(childText(parseXml(text), 'B')).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'content'],
    ['an open element', '<A><B>x</B>'],
    ['crossed elements', '<A><B></A></B>'],
    ['two roots', '<A/><B/>'],
    ['a document type', '<!DOCTYPE A [<!ENTITY e "x">]><A>&e;</A>'],
    ['an unknown entity', '<A>&e;</A>'],
    ['a bare ampersand', '<A>a & b</A>'],
    ['too deep a nest', '<A>'.repeat(100) + '</A>'.repeat(100)],
  ])('refuses %s', (_name, text) => {
    expect(() => parseXml(text)).toThrow(S3Error);
  });

  it('gives back any text that was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(childText(parseXml(xmlDocument('A', leaf('B', text))), 'B')).toBe(text);
      }),
    );
  });

  it('never fails but with an S3 error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '/', 'A', '&', ';', '"', '!', '-', '[', ']', '?') }),
        (text) => {
          try {
            parseXml(text);
          } catch (error) {
            expect(error).toBeInstanceOf(S3Error);
          }
        },
      ),
    );
  });
});
