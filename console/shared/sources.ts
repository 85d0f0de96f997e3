import { signal } from '@preact/signals';
import { type Answer, get } from './api.ts';

/** Within how many minutes each source promises results of a complete series, by its name. */
export const promises = signal<ReadonlyMap<string, number>>(new Map());

/** Those of Qure, and others that a source has. */
export const products = signal<readonly string[]>(['qER', 'qCT', 'qXR', 'qMSK']);

/** The state of the pipeline, as it was asked last. */
export const health = signal<Answer<'Health'> | undefined>(undefined);

export async function loadHealth(abort?: AbortSignal): Promise<Answer<'Health'>> {
  const answer = await get('Health', '/v1/health', {}, abort);
  health.value = answer;
  return answer;
}

export async function sourceNames(): Promise<string[]> {
  const { sources } = health.value ?? (await loadHealth());
  return sources.map(({ name }) => name);
}

export async function loadPromises(abort?: AbortSignal): Promise<void> {
  const { items } = await get('Sources', '/v1/sources', {}, abort);
  promises.value = new Map(items.map(({ name, serviceLevelMinutes }) => [name, serviceLevelMinutes]));
  const known = new Set([...products.peek(), ...items.flatMap((source) => source.products)]);
  if (known.size > products.peek().length) products.value = [...known];
}
