import fc from 'fast-check';

export const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

const hexGroups = (address: number) => [
  Math.floor(address / 65_536).toString(16),
  (address % 65_536).toString(16),
];

/** Every spelling of an IPv4 address that a URL's host may have, or that people have slipped past checks with. */
export function v4Spellings(address: number): string[] {
  const parts = dotted(address).split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const [high = '', low = ''] = hexGroups(address);
  return [
    dotted(address),
    `${dotted(address)}.`,
    String(address),
    `0x${address.toString(16)}`,
    `0X${address.toString(16).toUpperCase()}`,
    `0${address.toString(8)}`,
    parts.map((part) => `0${part.toString(8)}`).join('.'),
    parts.map((part) => `0x${part.toString(16)}`).join('.'),
    parts.map((part) => `000${part.toString(8)}`).join('.'),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `0x${a.toString(16)}.0${b.toString(8)}.${c * 256 + d}`,
    parts.map((part) => [...String(part)].map(fullWidth).join('')).join('.'),
    parts.join('\u3002'),
    parts.join('\uff0e'),
    parts.join('%2e'),
    [...dotted(address)].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
    `[::ffff:${dotted(address)}]`,
    `[::FFFF:${high}:${low}]`,
    `[0:0:0:0:0:ffff:${high}:${low}]`,
    `[::${dotted(address)}]`,
    `[64:ff9b::${dotted(address)}]`,
    `[64:ff9b::${high}:${low}]`,
  ];
}

const fullWidth = (digit: string) => String.fromCharCode(digit.charCodeAt(0) - 0x30 + 0xff10);

/** The full form, the short one, capitals, and the last 32 bits as IPv4. */
export function v6Spellings(groups: readonly number[]): string[] {
  const full = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
  const plain = groups.map((group) => group.toString(16)).join(':');
  const head = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  const tail = dotted((groups[6] ?? 0) * 65_536 + (groups[7] ?? 0));
  return [full, plain, full.toUpperCase(), plain.replace(/(?:^|:)0(?::0)+(?::|$)/, '::'), `${head}:${tail}`];
}

/** What may stand around a host. */
export const urlAround = fc
  .record({
    port: fc.constantFrom('', ':443', ':80', ':8443', ':0'),
    path: fc.constantFrom('/', '/latest/meta-data/', '/a?x=@b', '/%2e%2e/', '', '#@store.example'),
    slashes: fc.constantFrom('//', '\\\\', '/\\', '/', '', '///'),
    scheme: fc.constantFrom('https:', 'HTTPS:', ' https:', 'ht\ttps:'),
  })
  .map(
    ({ port, path, slashes, scheme }) =>
      (host: string) =>
        `${scheme}${slashes}${host}${port}${path}`,
  );
