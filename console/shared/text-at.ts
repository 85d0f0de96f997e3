/** So many bytes as text, a character each; fewer at the end. By these a file is known, whatever it is called. */
export function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
