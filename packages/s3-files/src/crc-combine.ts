/** A linear map over GF(2): entry n is the image of bit n. */
type Operator = readonly bigint[];

/**
 * Returns the CRC of two concatenated byte strings from the CRC of each, like zlib's `crc32_combine`: the first CRC is
 * advanced by the length of the second string, by squaring the operator that advances it by one bit. The full-object
 * checksum of a multipart upload therefore needs no second pass over the bytes.
 * @param polynomial reversed
 * @param width bits: 32 or 64
 */
export function crcCombiner(polynomial: bigint, width: number) {
  const oneBit: bigint[] = [polynomial];
  for (let bit = 1; bit < width; bit++) oneBit.push(1n << BigInt(bit - 1));
  const powers: Operator[] = [oneBit];

  function power(exponentOfTwo: number): Operator {
    for (
      let last = powers.at(-1);
      last !== undefined && powers.length <= exponentOfTwo;
      last = powers.at(-1)
    ) {
      const operator = last;
      powers.push(operator.map((column) => apply(operator, column)));
    }
    return powers[exponentOfTwo] ?? oneBit;
  }

  /** @param secondBytes the length of the second string */
  return function combine(first: bigint, second: bigint, secondBytes: number): bigint {
    let moved = first;
    let bitsLeft = BigInt(secondBytes) * 8n;
    for (let exponent = 0; bitsLeft > 0n; exponent++, bitsLeft >>= 1n) {
      if (bitsLeft & 1n) moved = apply(power(exponent), moved);
    }
    return moved ^ second;
  };
}

function apply(operator: Operator, vector: bigint): bigint {
  let image = 0n;
  let rest = vector;
  for (let bit = 0; rest > 0n; bit++, rest >>= 1n) {
    if (rest & 1n) image ^= operator[bit] ?? 0n;
  }
  return image;
}
