import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { messageOf } from '../shared/api.ts';
import { type Chosen, filesDropped, withKinds } from './chosen-files.ts';

interface ChooserProps {
  onChosen(chosen: readonly Chosen[]): void;
}

/** Files can be dropped anywhere on the page; the zone is a button too. */
export function Chooser({ onChosen }: ChooserProps) {
  const isOver = useSignal(false);
  const isReading = useSignal(false);
  const trouble = useSignal('');
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = async (given: Promise<readonly File[]>) => {
    isReading.value = true;
    trouble.value = '';
    try {
      onChosen(await withKinds(await given));
    } catch (error) {
      trouble.value = `The files could not be read, and none of them was added: ${messageOf(error)}`;
    }
    isReading.value = false;
  };
  const takeFrom = (input: HTMLInputElement) => {
    void take(Promise.resolve([...(input.files ?? [])])).then(() => {
      // So that the same files can be chosen again.
      input.value = '';
    });
  };
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      isOver.value = true;
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent) => {
      isOver.value = false;
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      void take(filesDropped(event.dataTransfer));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return (
    <>
      <button
        type="button"
        class={`drop-zone ${isOver.value ? 'over' : ''}`}
        onClick={() => files.current?.click()}
      >
        <strong>Drop folders, files or zips here</strong>
        <span>or choose files</span>
      </button>
      <div class="drop-buttons">
        <button type="button" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={({ currentTarget }) => takeFrom(currentTarget)}
      />
      <input
        ref={(input) => {
          folder.current = input;
          if (input !== null) input.webkitdirectory = true;
        }}
        type="file"
        hidden
        aria-label="Folder"
        onChange={({ currentTarget }) => takeFrom(currentTarget)}
      />
      <p role="status" class="quiet">
        {isReading.value ? 'Reading…' : ''}
      </p>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
    </>
  );
}
