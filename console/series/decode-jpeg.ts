import { type JpegFacts, jpegForBrowser } from './jpeg-frame.ts';

/** By the decoder of the browser. @returns 8 bits a sample, pixel by pixel */
export async function decodeJpeg(frame: Uint8Array, facts: JpegFacts): Promise<Uint8Array<ArrayBuffer>> {
  const { rows, columns, samples } = facts;
  const jpeg = new Blob(jpegForBrowser(frame, facts), { type: 'image/jpeg' });
  const bitmap = await createImageBitmap(jpeg, { colorSpaceConversion: 'none' }).catch((cause) => {
    throw new Error('The browser cannot decode the JPEG in this file: save the file.', { cause });
  });
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const drawn = context?.getImageData(0, 0, columns, rows).data ?? [];
  const picture = new Uint8Array(rows * columns * samples);
  for (let at = 0; at < rows * columns; at += 1)
    for (let sample = 0; sample < samples; sample += 1)
      picture[at * samples + sample] = drawn[at * 4 + sample] ?? 0;
  return picture;
}
