import { expect, it } from 'vitest';
import { senderOf } from '../../../functions/instances/sender.ts';

const OBJECT = { key: 'north/a.dcm', etag: 'e', sizeBytes: 1, isGzip: false };
const STATION = {
  stationName: 'CT-1',
  manufacturer: 'ACME',
  manufacturerModelName: 'Scanner 9',
  modality: 'CT',
  object: OBJECT,
};
const { stationName: _station, ...WITHOUT_STATION } = STATION;
const { manufacturer: _maker, manufacturerModelName: _model, ...NAMELESS } = WITHOUT_STATION;

it.each([
  ['another object', STATION, { ...STATION, object: { ...OBJECT, key: 'north/b.dcm' } }],
  ['a model that changes with an update', STATION, { ...STATION, manufacturerModelName: 'Scanner 9.1' }],
  ['no station, and one model', WITHOUT_STATION, { ...WITHOUT_STATION, object: { ...OBJECT, etag: 'f' } }],
  ['nothing but the modality', NAMELESS, { ...NAMELESS }],
])('is the same for %s', (_what, one, other) => {
  expect(senderOf(other)).toBe(senderOf(one));
});

it('is another for another station, model or modality, and for a file of an archive', () => {
  const senders = [
    STATION,
    { ...STATION, stationName: 'CT-2' },
    { ...STATION, stationName: '' },
    { ...STATION, modality: 'MR' },
    { ...STATION, object: { ...OBJECT, entry: { name: 'a.dcm', offset: 0 } } },
    WITHOUT_STATION,
    { ...WITHOUT_STATION, manufacturer: 'Other' },
    { ...WITHOUT_STATION, manufacturerModelName: 'Scanner 8' },
    // Texts that are alike when they are joined.
    { ...WITHOUT_STATION, manufacturer: 'ACME Scanner', manufacturerModelName: '9' },
    { ...STATION, stationName: 'CT-1","x' },
    NAMELESS,
    { object: OBJECT },
  ].map((instance) => senderOf(instance as typeof STATION));
  expect(new Set(senders).size).toBe(senders.length);
});

it.each(['', 'SENDER#x', '../../x', '<script>', 'Röntgen 1', '\ud800', '\0\n', 'x'.repeat(100_000)])(
  'is 16 safe characters, whatever the header says',
  (text) => {
    for (const name of ['stationName', 'manufacturer', 'manufacturerModelName', 'modality'])
      expect(senderOf({ ...WITHOUT_STATION, [name]: text })).toMatch(/^[\w-]{16}$/);
  },
);
