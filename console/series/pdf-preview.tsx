import { useSignal } from '@preact/signals';
import { FileLink } from './file-link.tsx';

/**
 * A report in the viewer of the browser, when a person asks for it. The frame has the origin of the bucket, so that nothing in it
 * reaches this page, and the policy of the page allows frames of that origin alone. A `sandbox` would keep the viewer from starting;
 * the link itself says that the file is a PDF, whatever its bytes are (docs/decisions/0037-what-the-page-decodes.md).
 */
export function PdfPreview({ url, name }: { url: string; name: string }) {
  // The link is signed anew from time to time: the frame keeps its first one, and what a person reads stays.
  const shown = useSignal('');
  const isOpen = shown.value !== '';
  return (
    <div class="pdf">
      <FileLink url={url} name={name} />{' '}
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? 'Hide' : 'Show'} ${name}`}
        onClick={() => {
          shown.value = isOpen ? '' : url;
        }}
      >
        {isOpen ? 'Hide' : 'Show'}
      </button>
      {isOpen && <iframe src={shown.value} title={name} referrerpolicy="no-referrer" allow="" />}
    </div>
  );
}
