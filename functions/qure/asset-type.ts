/** How a browser is to take a file of a result. */
export interface AssetPresentation {
  contentType: string;
  /** `Content-Disposition`: shown where it is harmless, else saved; with a name that a file system takes. */
  disposition: string;
}

interface KnownType {
  extension: string;
  /** Nothing in it runs as a script in the origin of the link. */
  isShown: boolean;
}

/** What assets may be stored and given out as. Whatever else their host says they are, a web page for example, is bytes. */
const KNOWN_TYPES: Readonly<Record<string, KnownType>> = {
  'application/pdf': { extension: '.pdf', isShown: true },
  'image/png': { extension: '.png', isShown: true },
  'image/jpeg': { extension: '.jpg', isShown: true },
  'application/json': { extension: '.json', isShown: true },
  'application/dicom': { extension: '.dcm', isShown: false },
};
const BYTES = 'application/octet-stream';

/** The type by which an asset is stored; parameters such as `charset` are left out. */
export function storedContentType(contentType: string | undefined): string {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return Object.hasOwn(KNOWN_TYPES, type) ? type : BYTES;
}

/** @param file below the folder of its generation: `result.json`, `files/report_pdf/0` */
export function presentationOf(file: string, contentType: string | undefined): AssetPresentation {
  const type = storedContentType(contentType);
  const { extension = '', isShown = false } = KNOWN_TYPES[type] ?? {};
  const [last = '', ofType = ''] = file.split('/').reverse();
  const name = /^\d+$/.test(last) && ofType !== '' ? `${ofType}-${last}${extension}` : last;
  const safeName = name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 100);
  return { contentType: type, disposition: `${isShown ? 'inline' : 'attachment'}; filename="${safeName}"` };
}
