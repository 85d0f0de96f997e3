import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf } from '../shared/api.ts';
import { mayAct } from '../shared/session.ts';
import { sourceNames } from '../shared/sources.ts';
import { Chooser } from './chooser.tsx';
import { begin, chosen, upload } from './current.ts';
import { Summary } from './summary.tsx';
import { unfinished } from './unfinished.ts';
import { Unfinished } from './unfinished-note.tsx';
import { UploadProgress } from './upload-progress.tsx';

export function Drop() {
  const sources = useSignal<readonly string[] | undefined>(undefined);
  const source = useSignal('');
  const trouble = useSignal('');
  useEffect(() => {
    sourceNames()
      .then((names) => {
        sources.value = names.filter((name) => mayAct(name));
        const [only, ...others] = sources.value;
        const begun = unfinished(Date.now())?.source ?? '';
        if (only !== undefined && others.length === 0) source.value = only;
        else if (sources.value.includes(begun)) source.value = begun;
      })
      .catch((error: unknown) => {
        trouble.value = messageOf(error);
      });
  }, []);
  return (
    <section class="page drop" aria-labelledby="drop-title">
      <h2 id="drop-title">Drop scans</h2>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {upload.value !== undefined && (
        <UploadProgress
          upload={upload.value}
          onNew={() => {
            upload.value = undefined;
          }}
        />
      )}
      {upload.value === undefined && sources.value?.length === 0 && (
        <p class="note">
          You may not drop scans for any source. Ask the administrator of your sign-in for the role
          qure-dropoff:act, or for that of one source.
        </p>
      )}
      {upload.value === undefined && sources.value !== undefined && sources.value.length > 0 && (
        <>
          <p class="quiet">They go from this computer straight to the bucket. No file names are sent.</p>
          <Unfinished />
          <Chooser
            onChosen={(added) => {
              chosen.value = [...chosen.value, ...added];
            }}
          />
          {chosen.value.length > 0 && (
            <form
              class="drop-form"
              onSubmit={(event) => {
                event.preventDefault();
                void begin(source.value);
              }}
            >
              <Summary chosen={chosen.value} />
              {sources.value.length > 1 && (
                <label>
                  Source{' '}
                  <select
                    required
                    value={source.value}
                    onChange={({ currentTarget }) => {
                      source.value = currentTarget.value;
                    }}
                  >
                    <option value="">Choose one</option>
                    {sources.value.map((name) => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
              )}
              <div class="drop-buttons">
                <button
                  type="submit"
                  class="primary-button"
                  disabled={chosen.value.every(({ kind }) => kind !== 'scan' && kind !== 'zip')}
                >
                  Upload
                </button>
                <button
                  type="button"
                  onClick={() => {
                    chosen.value = [];
                  }}
                >
                  Clear
                </button>
              </div>
            </form>
          )}
        </>
      )}
    </section>
  );
}
