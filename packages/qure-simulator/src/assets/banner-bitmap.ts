/** A grey image, one byte a pixel, row by row. */
export interface GreyBitmap {
  width: number;
  height: number;
  pixels: Buffer;
}

/** 5 × 7 letters, a row per number, the leftmost pixel in the highest bit; only those that the banner needs. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  A: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  C: [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110],
  D: [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
  E: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
  F: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
  I: [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  L: [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
  M: [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
  N: [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
  O: [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
  S: [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
  T: [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
  U: [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
};

const LINES = ['SIMULATED RESULT', 'NOT FOR CLINICAL USE'];
const SCALE = 2;
const CELL_WIDTH = 6 * SCALE;
const LINE_HEIGHT = 12 * SCALE;
const MARGIN = 8;

/** The text on every simulated image. */
export function drawBanner(): GreyBitmap {
  const width = 256;
  const height = 64;
  const pixels = Buffer.alloc(width * height);
  LINES.forEach((line, lineIndex) => {
    [...line].forEach((letter, column) => {
      const left = MARGIN + column * CELL_WIDTH;
      const top = MARGIN + lineIndex * LINE_HEIGHT;
      (LETTERS[letter] ?? []).forEach((bits, row) => {
        for (let bit = 0; bit < 5; bit++) {
          if ((bits & (0b10000 >> bit)) === 0) continue;
          for (let y = 0; y < SCALE; y++) {
            const start = (top + row * SCALE + y) * width + left + bit * SCALE;
            pixels.fill(255, start, start + SCALE);
          }
        }
      });
    });
  });
  return { width, height, pixels };
}
