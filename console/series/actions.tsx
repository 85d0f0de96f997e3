import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type Answer, messageOf, post } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { mayAct } from '../shared/session.ts';
import { products } from '../shared/sources.ts';
import { examinationOf, isStopReason } from './words.ts';

interface ActionsProps {
  series: Answer<'SeriesDetail'>;
  onDone(): void;
}

type Kind = 'retry' | 'recompute' | 'product';

const TEXTS: Readonly<Record<Kind, { button: string; title: string; says: string }>> = {
  retry: {
    button: 'Try again…',
    title: 'Try this series again',
    says: 'It goes on at the step that failed. What Qure has already is not sent again.',
  },
  recompute: {
    button: 'Compute again…',
    title: 'Compute this series again',
    says: 'Qure computes the same images once more, and a new generation begins. It may cost again.',
  },
  product: {
    button: 'Choose a product…',
    title: 'Send this series to a product',
    says: 'Whatever the rules say, Qure computes the series by this product. A new generation may begin, and it may cost again.',
  },
};

/** What docs/operations.md (Retry) allows in this state; the server decides. */
function kindsOf({ state, heldBack }: Answer<'SeriesDetail'>): Kind[] {
  if (state === 'FAILED' || state === 'UNSUPPORTED') return ['retry', 'recompute', 'product'];
  if (state === 'DONE') return ['recompute', 'product'];
  if (state === 'SKIPPED') return ['product'];
  return isStopReason(heldBack?.reason) && state !== 'COMPUTING' && state !== 'RECEIVING' ? ['retry'] : [];
}

/** What a person may do with the series, if anything; each asks for a reason, which is recorded with who did it. */
export function Actions({ series, onDone }: ActionsProps) {
  const kind = useSignal<Kind>('retry');
  const trouble = useSignal('');
  const isSending = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const kinds = kindsOf(series);
  if (kinds.length === 0 || !mayAct(series.source)) return null;
  const ask = (one: Kind) => {
    kind.value = one;
    trouble.value = '';
    // When its fields have been drawn: the first of them takes the focus.
    requestAnimationFrame(() => dialog.current?.showModal());
  };
  const send = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const comment = String(given.get('comment') ?? '').trim();
    const body = {
      ...(kind.value === 'recompute' ? { recompute: true } : {}),
      ...(kind.value === 'product' ? { product: String(given.get('product') ?? '').trim() } : {}),
      comment,
    };
    isSending.value = true;
    try {
      const { source, seriesInstanceUid } = series;
      const query = new URLSearchParams({ source }).toString();
      await post('Series', `/v1/series/${encodeURIComponent(seriesInstanceUid)}/retry?${query}`, body);
      form.reset();
      dialog.current?.close();
      onDone();
    } catch (error) {
      trouble.value = messageOf(error);
    } finally {
      isSending.value = false;
    }
  };
  const { title, says } = TEXTS[kind.value];
  return (
    <div class="buttons">
      {kinds.map((one) => (
        <button key={one} type="button" onClick={() => ask(one)}>
          {TEXTS[one].button}
        </button>
      ))}
      <dialog ref={dialog} aria-labelledby="action-title">
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void send(event.currentTarget);
          }}
        >
          <h2 id="action-title">{title}</h2>
          <p class="quiet breakable">
            <bdi>{series.accessionNumber ?? 'No accession number'}</bdi> · {examinationOf(series)} ·{' '}
            {plural(series.instances, 'image')}
          </p>
          <p>{says}</p>
          {kind.value === 'product' && (
            <label>
              <span>Product</span>
              <input name="product" type="text" list="products" required maxLength={64} autocomplete="off" />
              <datalist id="products">
                {products.value.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </label>
          )}
          <label>
            <span>Why? It is recorded with who did it. No names of patients.</span>
            <textarea name="comment" required maxLength={500} rows={3} />
          </label>
          {trouble.value !== '' && (
            <p class="trouble" role="alert">
              {trouble.value}
            </p>
          )}
          <div class="buttons">
            <button type="submit" class="primary-button" disabled={isSending.value}>
              {title}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}
