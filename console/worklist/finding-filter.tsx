import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { go, hrefWith, place } from '../shared/router.ts';
import { findingKeyOf, type KnownFinding } from './filters.ts';
import type { StudyList } from './study-list.ts';

const LIST = 'known-findings';

/** A finding by its key, or by the words of one that the list has: the server compares keys alone. */
export function FindingFilter({ list }: { list: StudyList }) {
  const value = place.value.get('finding') ?? '';
  // Made when a person comes to the field: the list may have thousands of studies.
  const known = useSignal<readonly KnownFinding[]>([]);
  const input = useRef<HTMLInputElement>(null);
  // Only another filter replaces what a person is typing.
  useEffect(() => {
    if (input.current !== null) input.current.value = value;
  }, [value]);
  const filter = (field: HTMLInputElement) => {
    const key = findingKeyOf(field.value, list.findings());
    if (key === undefined) {
      field.setCustomValidity(
        'No study of this list has a finding of this name. Choose one of the list, or type the key of Qure, for example ICH.',
      );
      field.reportValidity();
      return;
    }
    field.value = key;
    go(hrefWith({ finding: key }));
  };
  return (
    <label class={value === '' ? '' : 'is-set'}>
      <span>Finding</span>
      <input
        ref={input}
        type="text"
        size={12}
        maxLength={64}
        list={LIST}
        placeholder="Finding: ICH"
        autocomplete="off"
        spellcheck={false}
        onFocus={() => {
          known.value = list.findings();
        }}
        onInput={({ currentTarget }) => currentTarget.setCustomValidity('')}
        onChange={({ currentTarget }) => filter(currentTarget)}
      />
      <datalist id={LIST}>
        {known.value.map(({ key, label }) => (
          <option key={key} value={key} label={label} />
        ))}
      </datalist>
    </label>
  );
}
