import { tmpdir } from 'node:os';
import { routeSeries } from '../../functions/completion/route-series.ts';
import type { Instance } from '../../functions/instances/instance.ts';
import { judgeIndications } from '../../functions/routing/indications.ts';
import { profileOf } from '../../functions/routing/profile.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { Source } from '../../functions/sources/source.ts';
import type { DropProblem } from '../../local/drop/drop-item.ts';
import { itemsOfPaths } from '../../local/drop/path-items.ts';
import { headOf } from '../drop/head-of.ts';

/** Where one series would go, and why. No text of its headers is in it. */
export interface RoutedSeries {
  seriesInstanceUid: string;
  instances: number;
  product?: string;
  priority?: 'urgent';
  /** The reason why it is skipped, where it goes to no product. */
  skip?: string;
  /** The rule that decided. */
  rule: string;
  modality?: string;
  /** What part of the body the texts name, and the attribute that names it. */
  regions?: string[];
  namedBy?: string;
  /** Codes of the clearances that it lies outside of. */
  outsideIndication?: string[];
  detail?: string;
}

/** Routes the series of the DICOM files at and below the paths, as the pipeline would with all of their instances. */
export async function routeFiles(
  paths: readonly string[],
  source: Source,
): Promise<{ series: RoutedSeries[]; notRead: DropProblem[] }> {
  const notRead: DropProblem[] = [];
  const bySeries = new Map<string, Map<string, Instance>>();
  const onProblem = (problem: DropProblem) => void notRead.push(problem);
  for await (const item of itemsOfPaths(paths, { prefix: source.prefix, dataDir: tmpdir(), onProblem })) {
    const head = await headOf(item).catch((error: unknown) => error);
    if (head instanceof Error) onProblem({ path: item.path, reason: head.message });
    const outcome = head as Awaited<ReturnType<typeof headOf>>;
    if (outcome.kind === 'rejected') onProblem({ path: item.path, reason: outcome.detail });
    if (outcome.kind !== 'header') continue;
    const { header } = outcome;
    const object = { key: item.key, etag: '', sizeBytes: item.sizeBytes, isGzip: outcome.isGzip };
    const instances = bySeries.get(header.seriesInstanceUid) ?? new Map<string, Instance>();
    instances.set(header.sopInstanceUid, { ...header, source: source.name, object, indexedAt: '' });
    bySeries.set(header.seriesInstanceUid, instances);
  }
  const series = [...bySeries].map(([uid, instances]) => routed(uid, [...instances.values()], source));
  return { series, notRead };
}

function routed(seriesInstanceUid: string, instances: readonly Instance[], source: Source): RoutedSeries {
  const route = routeSeries(instances, source);
  const [first] = instances;
  const profile = first === undefined ? undefined : profileOf(first, instances.length);
  const seen = {
    seriesInstanceUid,
    instances: instances.length,
    rule: route.rule,
    ...defined({ modality: profile?.modality, namedBy: profile?.named?.field }),
    ...(profile?.named === undefined ? {} : { regions: [...profile.named.regions].sort() }),
  };
  if (route.kind === 'skip') return { ...seen, skip: route.reason, ...defined({ detail: route.detail }) };
  const { codes, isWithheld } = judgeIndications(instances, route.product, source.indications);
  const outside = codes.length === 0 ? {} : { outsideIndication: codes };
  if (isWithheld)
    return { ...seen, ...outside, skip: 'outside_indication', detail: `it is for ${route.product}` };
  return { ...seen, ...outside, product: route.product, ...defined({ priority: route.priority }) };
}
