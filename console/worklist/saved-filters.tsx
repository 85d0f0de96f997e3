import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { go, place } from '../shared/router.ts';
import { readStored, store } from '../shared/stored.ts';
import { FILTER_NAMES, isFiltered } from './filters.ts';

interface SavedFilter {
  name: string;
  /** The query of the URL. */
  query: string;
}

const KEY = 'filters';
const MAX_SAVED = 30;

function readSaved(): SavedFilter[] {
  const stored = readStored(KEY);
  if (!Array.isArray(stored)) return [];
  return stored.filter(
    (one): one is SavedFilter => typeof one?.name === 'string' && typeof one?.query === 'string',
  );
}

function queryOf(from: URLSearchParams): string {
  const kept = FILTER_NAMES.flatMap((name) => {
    const value = from.get(name) ?? '';
    return value === '' ? [] : [[name, value]];
  });
  return new URLSearchParams(kept).toString();
}

/** Filters by name, kept in this browser. */
export function SavedFilters() {
  const saved = useSignal(readSaved());
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const query = queryOf(place.value);
  const current = saved.value.find((one) => one.query === query);
  const keep = (next: SavedFilter[]) => {
    saved.value = next.slice(0, MAX_SAVED);
    store(KEY, saved.value);
  };
  const save = () => {
    const chosen = name.current?.value.trim() ?? '';
    if (chosen === '') return;
    keep([...saved.value.filter((one) => one.name !== chosen), { name: chosen, query }]);
  };
  return (
    <>
      {saved.value.length > 0 && (
        <label>
          <span>Saved</span>
          <select
            value={current?.name ?? ''}
            onChange={({ currentTarget }) => {
              const chosen = saved.value.find((one) => one.name === currentTarget.value);
              if (chosen !== undefined) go(`/?${queryOf(new URLSearchParams(chosen.query))}`);
            }}
          >
            <option value="">…</option>
            {saved.value.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {isFiltered(place.value) && current === undefined && (
        <button type="button" onClick={() => dialog.current?.showModal()}>
          Save…
        </button>
      )}
      {current !== undefined && (
        <button type="button" onClick={() => keep(saved.value.filter((one) => one.name !== current.name))}>
          Forget “{current.name}”
        </button>
      )}
      <dialog ref={dialog} aria-labelledby="save-title">
        <form method="dialog" class="form" onSubmit={save}>
          <h2 id="save-title">Save this filter</h2>
          <label>
            <span>Name</span>
            <input ref={name} type="text" required maxLength={40} />
          </label>
          <div class="buttons">
            <button type="submit" class="primary-button">
              Save
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
