import { useSignal } from '@preact/signals';
import { type Answer, get, messageOf } from '../shared/api.ts';
import { FileLink } from './file-link.tsx';
import { FilePreview } from './file-preview.tsx';
import { PdfPreview } from './pdf-preview.tsx';

type Asset = Answer<'Asset'>;

/** Of these, so many are shown at once; each is fetched. */
const MAX_PREVIEWS = 6;

/** The files of a result, by links that end after some minutes. Pictures are shown. */
export function Files({ results }: { results: Answer<'Results'> }) {
  const more = useSignal<Asset[]>([]);
  const cursor = useSignal(results.cursor);
  const trouble = useSignal('');
  const assets = [...results.assets, ...more.value];
  const isPicture = ({ type }: Asset) => !/pdf|json|^sr$|xml|txt/i.test(type);
  const pictures = assets.filter(isPicture);
  const documents = [
    ...assets.filter((asset) => !isPicture(asset)).map((asset) => ({ ...asset, name: nameOf(asset) })),
    ...results.results.map((result) => ({
      ...result,
      name: `Answer of Qure${imageOf(result.sopInstanceUid)} (JSON)`,
    })),
    ...(results.findings === undefined ? [] : [{ ...results.findings, name: 'Findings (JSON)' }]),
    ...(results.provenance === undefined ? [] : [{ ...results.provenance, name: 'Provenance (JSON)' }]),
  ];
  const loadMore = async () => {
    try {
      const path = `/v1/series/${encodeURIComponent(results.seriesInstanceUid)}/results` as const;
      const page = await get('Results', path, { source: results.source, cursor: cursor.value });
      more.value = [...more.value, ...page.assets];
      cursor.value = page.cursor;
    } catch (error) {
      trouble.value = messageOf(error);
    }
  };
  return (
    <section aria-labelledby="files-title">
      <h4 id="files-title">Files</h4>
      {pictures.length > 0 && (
        <ul class="previews">
          {pictures.map((asset, index) => (
            <li key={asset.key}>
              <FilePreview url={asset.url} name={nameOf(asset)} isShown={index < MAX_PREVIEWS} />
            </li>
          ))}
        </ul>
      )}
      <ul class="files">
        {documents.map(({ key, url, name }) => (
          <li key={key}>
            {isPdf(url) ? <PdfPreview url={url} name={name} /> : <FileLink url={url} name={name} />}
          </li>
        ))}
      </ul>
      {cursor.value !== undefined && (
        <button type="button" onClick={() => void loadMore()}>
          More files
        </button>
      )}
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
    </section>
  );
}

/** A link to a bucket says how the file is to be taken (`functions/qure/asset-type.ts`). */
function isPdf(url: string): boolean {
  return /^https?:\/\/[^?#]*\?(?:[^#]*&)?response-content-type=application%2Fpdf(?:[&#]|$)/i.test(url);
}

const NAMES: Readonly<Record<string, string>> = {
  pdf: 'Report (PDF)',
  json: 'Data (JSON)',
  sc: 'Secondary capture',
  sr: 'Structured report (DICOM)',
  sc_thumbnail: 'Thumbnail',
};

function nameOf({ type, index, sopInstanceUid }: Asset): string {
  const name = NAMES[type] ?? type.replaceAll('_', ' ');
  return `${name}${index === 0 ? '' : ` ${index + 1}`}${imageOf(sopInstanceUid)}`;
}

function imageOf(sopInstanceUid: string | undefined): string {
  return sopInstanceUid === undefined ? '' : ` of image …${sopInstanceUid.split('.').at(-1)}`;
}
