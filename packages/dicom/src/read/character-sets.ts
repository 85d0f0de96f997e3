import { isPlainAscii, latin1 } from './latin1.ts';

/**
 * Specific Character Set (0008,0005), DICOM PS3.3 section C.12.1.1.2. By number, because `ISO_IR n` and `ISO 2022 IR n`
 * name the same repertoire. The Asian multi-byte sets appear only as `ISO 2022 IR`; their EUC form is what G1 holds.
 * The names are those of the Encoding Standard (https://encoding.spec.whatwg.org), where some names mean a set with
 * more characters.
 */
const REPERTOIRES: ReadonlyMap<string, string> = new Map([
  ['100', 'latin1'],
  ['101', 'iso-8859-2'],
  ['109', 'iso-8859-3'],
  ['110', 'iso-8859-4'],
  ['144', 'iso-8859-5'],
  ['127', 'iso-8859-6'],
  ['126', 'iso-8859-7'],
  ['138', 'iso-8859-8'],
  ['148', 'iso-8859-9'],
  ['203', 'iso-8859-15'],
  ['166', 'windows-874'],
  ['13', 'shift_jis'],
  ['149', 'euc-kr'],
  ['58', 'gbk'],
  ['192', 'utf-8'],
]);
const REPERTOIRE_TERM = /^ISO(?:_IR| 2022 IR) ([0-9]+)$/;

/** What an escape sequence selects: characters of one byte below 0x80 (G0), or the bytes from 0x80 on (G1). */
type Selection = { g0: 'ascii' | 'jis_x_0208' | 'jis_x_0212'; g1?: never } | { g1: string; g0?: never };

/** Escape sequences without their ESC (PS3.3 tables C.12-3 and C.12-4; ISO 2022). */
const ESCAPES: ReadonlyMap<string, Selection> = new Map<string, Selection>([
  ['(B', { g0: 'ascii' }],
  ['(J', { g0: 'ascii' }],
  ['$@', { g0: 'jis_x_0208' }],
  ['$B', { g0: 'jis_x_0208' }],
  ['$(D', { g0: 'jis_x_0212' }],
  [')I', { g1: 'shift_jis' }],
  ['$)C', { g1: 'euc-kr' }],
  ['$)A', { g1: 'gbk' }],
  ['-A', { g1: 'latin1' }],
  ['-B', { g1: 'iso-8859-2' }],
  ['-C', { g1: 'iso-8859-3' }],
  ['-D', { g1: 'iso-8859-4' }],
  ['-L', { g1: 'iso-8859-5' }],
  ['-G', { g1: 'iso-8859-6' }],
  ['-F', { g1: 'iso-8859-7' }],
  ['-H', { g1: 'iso-8859-8' }],
  ['-M', { g1: 'iso-8859-9' }],
  ['-b', { g1: 'iso-8859-15' }],
  ['-T', { g1: 'windows-874' }],
]);
const ESC = 0x1b;
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });
/** Latin-1 is not among them: the Encoding Standard reads it as windows-1252. A Node without full ICU fails here, at its start. */
const DECODERS = new Map(
  [...REPERTOIRES.values(), 'gb18030', 'euc-jp']
    .filter((name) => name !== 'latin1')
    .map((name) => [name, new TextDecoder(name, { ignoreBOM: true })]),
);

/** Decodes a text value by the data set's character sets. Never throws: bytes that cannot be decoded become U+FFFD. */
export type TextDecode = (bytes: Uint8Array) => string;

/** @param specificCharacterSet the raw value of (0008,0005), values separated by a backslash; `undefined` if absent */
export function textDecoderFor(specificCharacterSet: Uint8Array | undefined): TextDecode {
  return (bytes) => {
    if (isPlainAscii(bytes)) return latin1(bytes);
    const [first = ''] = latin1(specificCharacterSet ?? new Uint8Array()).split('\\');
    const initial = repertoireOf(first.replace(/\0/g, '').trim());
    return bytes.includes(ESC) ? decodeWithEscapes(bytes, initial) : decodeRun(bytes, initial);
  };
}

/** `undefined` for the default repertoire and for terms that are not in the standard. */
function repertoireOf(term: string): string | undefined {
  if (term === 'GB18030' || term === 'GBK') return term.toLowerCase();
  return REPERTOIRES.get(REPERTOIRE_TERM.exec(term)?.[1] ?? '');
}

function decodeRun(bytes: Uint8Array, repertoire: string | undefined): string {
  const run = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (repertoire === undefined) return decodeUndeclared(run);
  return DECODERS.get(repertoire)?.decode(run) ?? run.toString('latin1');
}

/** Devices that declare no character set usually write ASCII; the others use UTF-8 or, mostly, Latin-1. */
function decodeUndeclared(run: Buffer): string {
  try {
    return STRICT_UTF8.decode(run);
  } catch {
    // Not UTF-8: every byte is a character of Latin-1.
    return run.toString('latin1');
  }
}

/** Code extension (PS3.5 section 6.1.2.5): runs of bytes, each in the set of the escape sequence before it. */
function decodeWithEscapes(bytes: Uint8Array, initial: string | undefined): string {
  let g0: Selection['g0'] = 'ascii';
  let g1 = initial;
  let text = '';
  let position = 0;
  while (position < bytes.length) {
    const escapeAt = bytes.indexOf(ESC, position);
    const runEnd = escapeAt === -1 ? bytes.length : escapeAt;
    text += decodeSelected(bytes.subarray(position, runEnd), g0, g1);
    if (escapeAt === -1) break;
    const code = escapeCodeAt(bytes, escapeAt + 1);
    const selection = ESCAPES.get(code);
    // An unknown sequence is skipped like a known one, so it does not become text.
    g0 = selection?.g0 ?? g0;
    g1 = selection?.g1 ?? g1;
    position = escapeAt + 1 + code.length;
  }
  return text;
}

function decodeSelected(run: Uint8Array, g0: Selection['g0'], g1: string | undefined): string {
  if (g0 === 'ascii' || g0 === undefined) return decodeRun(run, g1);
  // EUC-JP is the same pairs with the high bit set, those of JIS X 0212 behind 0x8F.
  const euc: number[] = [];
  for (let i = 0; i + 1 < run.length; i += 2) {
    if (g0 === 'jis_x_0212') euc.push(0x8f);
    euc.push((run[i] ?? 0) | 0x80, (run[i + 1] ?? 0) | 0x80);
  }
  return decodeRun(Uint8Array.from(euc), 'euc-jp');
}

/** Intermediate bytes 0x20 to 0x2F and one final byte (ISO 2022). */
function escapeCodeAt(bytes: Uint8Array, position: number): string {
  let end = position;
  while (end < position + 3 && (bytes[end] ?? 0) >= 0x20 && (bytes[end] ?? 0) <= 0x2f) end += 1;
  return Buffer.from(bytes.subarray(position, end + 1)).toString('latin1');
}
