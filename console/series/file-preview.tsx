import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { messageOf } from '../shared/api.ts';
import { fetchFile } from '../shared/fetch-file.ts';
import { textAt } from '../shared/text-at.ts';
import { pictureOfDicom } from './dicom-picture.ts';
import { FileLink } from './file-link.tsx';

interface FilePreviewProps {
  url: string;
  name: string;
  isShown: boolean;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** A picture of a result: PNG and JPEG by the browser, DICOM by a script of the page. */
export function FilePreview({ url, name, isShown }: FilePreviewProps) {
  const wanted = useSignal(isShown);
  const trouble = useSignal('');
  const picture = useSignal('');
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDrawn = useSignal(false);
  // The link is signed anew from time to time, for the same file.
  const file = url.split('?', 1)[0] ?? url;
  useEffect(() => {
    if (!wanted.value) return;
    const ending = new AbortController();
    let made = '';
    const show = async () => {
      const bytes = await fetchFile(url, MAX_BYTES, ending.signal);
      const type = pictureTypeOf(bytes);
      if (type !== undefined) {
        made = URL.createObjectURL(new Blob([bytes], { type }));
        picture.value = made;
      } else if (isDicom(bytes)) {
        const drawn = await pictureOfDicom(bytes);
        if (canvas.current === null || ending.signal.aborted) return;
        canvas.current.width = drawn.width;
        canvas.current.height = drawn.height;
        canvas.current.getContext('2d')?.putImageData(drawn, 0, 0);
        isDrawn.value = true;
      } else {
        trouble.value = 'This file is no picture that can be shown.';
      }
    };
    show().catch((error: unknown) => {
      if (!ending.signal.aborted) trouble.value = messageOf(error);
    });
    return () => {
      ending.abort();
      if (made !== '') URL.revokeObjectURL(made);
    };
  }, [file, wanted.value]);
  return (
    <figure>
      {picture.value !== '' && <img src={picture.value} alt={`Preview of ${name}`} />}
      <canvas ref={canvas} role="img" aria-label={`Preview of ${name}`} hidden={!isDrawn.value} />
      {!wanted.value && (
        <button
          type="button"
          onClick={() => {
            wanted.value = true;
          }}
        >
          Show
        </button>
      )}
      {trouble.value !== '' && <p class="quiet">{trouble.value}</p>}
      <figcaption>
        <FileLink url={url} name={name} />
      </figcaption>
    </figure>
  );
}

/** By the bytes, whatever the file is called. */
function pictureTypeOf(bytes: Uint8Array): string | undefined {
  if (textAt(bytes, 0, 4) === '\u0089PNG') return 'image/png';
  return textAt(bytes, 0, 3) === '\u00FF\u00D8\u00FF' ? 'image/jpeg' : undefined;
}

function isDicom(bytes: Uint8Array): boolean {
  return textAt(bytes, 128, 4) === 'DICM';
}
