import { expect, it } from 'vitest';
import { presentationOf } from '../../../functions/qure/asset-type.ts';

it.each([
  ['files/report_pdf/0', 'application/pdf', 'inline; filename="report_pdf-0.pdf"'],
  ['files/sc_png/3', 'image/png', 'inline; filename="sc_png-3.png"'],
  ['files/sc/1', 'IMAGE/JPEG', 'inline; filename="sc-1.jpg"'],
  ['files/1.2.840.1/sc/10', 'application/dicom', 'attachment; filename="sc-10.dcm"'],
  ['files/pdf/0', 'text/html', 'attachment; filename="pdf-0"'],
  ['files/pdf/0', undefined, 'attachment; filename="pdf-0"'],
  ['result.1.2.3.json', 'application/json', 'inline; filename="result.1.2.3.json"'],
  ['files/a"\r\nX: y/0', 'application/pdf', 'inline; filename="a___X__y-0.pdf"'],
  ['', undefined, 'attachment; filename=""'],
])('reads %s of type %s as %s', (file, contentType, disposition) => {
  expect(presentationOf(file, contentType)).toMatchObject({ disposition });
});
