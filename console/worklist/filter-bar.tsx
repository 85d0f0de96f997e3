import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { addShortcuts, runShortcut } from '../shared/keyboard.ts';
import { Link } from '../shared/link.tsx';
import { go, hrefWith, place } from '../shared/router.ts';
import { health, products } from '../shared/sources.ts';
import { DAYS, FILTER_NAMES, isFiltered, PERIODS, TRIAGES } from './filters.ts';
import { FindingFilter } from './finding-filter.tsx';
import { SavedFilters } from './saved-filters.tsx';
import type { StudyList } from './study-list.ts';

/** A person has stopped typing for so long. */
const TYPING_MS = 300;

/** Search and filters; what they say is in the URL alone. */
export function FilterBar({ list }: { list: StudyList }) {
  const sources = health.value?.sources.map(({ name }) => name) ?? [];
  // Those that the button hides: a person has to see that the list is not all.
  const set = FILTER_NAMES.filter((name) => name !== 'q' && name !== 'stage' && place.value.has(name)).length;
  const isOpen = useSignal(set > 0);
  const nothing = Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined]));
  return (
    <search class="filter-bar">
      <SearchBox />
      <button
        type="button"
        class="filters-button"
        aria-expanded={isOpen.value}
        aria-controls="filters"
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        {set === 0 ? 'Filters' : `Filters (${set})`}
      </button>
      <div id="filters" class={`filters ${isOpen.value ? 'is-open' : ''}`}>
        <Choice name="triage" label="Triage" options={TRIAGES.map(({ name, title }) => [name, title])} />
        <Choice name="source" label="Source" options={sources.map((name) => [name, name])} />
        <Choice name="product" label="Product" options={products.value.map((name) => [name, name])} />
        <FindingFilter list={list} />
        <Choice
          name="period"
          label="Period"
          options={[...PERIODS, DAYS].map(({ name, title }) => [name, title])}
          none="Last 7 days"
          clears={{ from: undefined, to: undefined }}
        />
        {place.value.get('period') === DAYS.name && (
          <>
            <Day name="from" label="From" />
            <Day name="to" label="To" />
          </>
        )}
        <Choice
          name="sort"
          label="Order"
          options={[
            ['newest', 'Newest change'],
            ['oldest', 'Oldest change'],
          ]}
          none="Most urgent first"
        />
        <SavedFilters />
        {isFiltered(place.value) && <Link href={hrefWith(nothing)}>Clear</Link>}
      </div>
    </search>
  );
}

function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const searched = useRef('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const inUrl = place.value.get('q') ?? '';
  useEffect(() => {
    // What a person has typed comes back by the URL while he types on; only another text replaces it.
    if (input.current !== null && inUrl !== searched.current) input.current.value = inUrl;
    searched.current = inUrl;
  }, [inUrl]);
  useEffect(
    () =>
      addShortcuts([
        {
          key: '/',
          does: 'Search',
          run: () => {
            input.current?.focus();
            input.current?.select();
          },
        },
      ]),
    [],
  );
  const search = (text: string) => {
    clearTimeout(timer.current);
    searched.current = text.trim();
    go(hrefWith({ q: searched.current }), 'replace');
  };
  return (
    <input
      ref={input}
      type="search"
      class="search"
      aria-label="Accession number, or UID of a study or a series"
      placeholder="Accession number or UID  ( / )"
      autocomplete="off"
      spellcheck={false}
      maxLength={64}
      onInput={({ currentTarget: { value } }) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => search(value), TYPING_MS);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') search(event.currentTarget.value);
        else if (event.key === 'Escape' && event.currentTarget.value === '') event.currentTarget.blur();
        else if (event.key === 'ArrowDown') runShortcut(event);
      }}
    />
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  options: readonly (readonly [value: string, title: string])[];
  none?: string;
  /** What goes with the value that is left. */
  clears?: Readonly<Record<string, undefined>>;
}

function Choice({ name, label, options, none, clears }: ChoiceProps) {
  const value = place.value.get(name) ?? '';
  // A value of a link that is not listed here is a filter all the same.
  const isListed = value === '' || options.some(([one]) => one === value);
  return (
    <label class={value === '' ? '' : 'is-set'}>
      <span>{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => go(hrefWith({ ...clears, [name]: currentTarget.value }))}
      >
        <option value="">{none ?? `Any ${label.toLowerCase()}`}</option>
        {!isListed && <option value={value}>{value}</option>}
        {options
          .filter(([one]) => one !== '7d')
          .map(([one, title]) => (
            <option key={one} value={one}>
              {title}
            </option>
          ))}
      </select>
    </label>
  );
}

/** A day at the reader's place. */
function Day({ name, label }: { name: string; label: string }) {
  const value = place.value.get(name) ?? '';
  return (
    <label class={`day ${value === '' ? '' : 'is-set'}`}>
      <span>{label}</span>
      <input
        type="date"
        value={value}
        onChange={({ currentTarget }) => go(hrefWith({ [name]: currentTarget.value }))}
      />
    </label>
  );
}
