import {
  neverComputed,
  notImplemented,
  notUploaded,
  underProcess,
  validityUndetermined,
} from './api-answers.ts';
import type { Fault } from './fault-rules.ts';
import type { HeldInstance, HeldSeries } from './held-series.ts';
import type { Reply } from './reply.ts';
import { seriesResult, xrayResult } from './result-body.ts';
import { isXrayModality } from './scan-verdict.ts';
import type { SimulatorContext } from './simulator-context.ts';
import { resultReply } from './untrue-results.ts';

/** `GET /results/{SeriesInstanceUID}`; an X-ray's SOPInstanceUID here is the deprecated version 1. */
export function handleSeriesResults(context: SimulatorContext, uid: string, fault: Fault | undefined): Reply {
  const injected = injectedAnswer(uid, fault);
  if (injected !== null) return injected;
  const series = context.state.series.get(uid);
  if (series !== undefined) return answerSeries(context, series, fault);
  const instance = context.state.findInstance(uid);
  if (instance === undefined || !isXrayModality(instance.modality)) {
    return notUploaded(context.dialect, 'SeriesInstanceUID', uid);
  }
  // Version 1 has no 206, and has the report beside the result.
  const version1 = { ...context, dialect: { ...context.dialect, xrayReport: 'beside' as const } };
  if (instance.verdict.validity !== 'valid') return notImplemented(context.dialect, 'Invalid scan');
  return answerInstance(version1, instance, fault);
}

/** `GET /results/v2/{SOPInstanceUID}` for X-rays. */
export function handleInstanceResults(
  context: SimulatorContext,
  uid: string,
  fault: Fault | undefined,
): Reply {
  const injected = injectedAnswer(uid, fault);
  if (injected !== null) return injected;
  const instance = context.state.findInstance(uid);
  if (instance === undefined) return notUploaded(context.dialect, 'SOPInstanceUID', uid);
  if (!isXrayModality(instance.modality)) return notImplemented(context.dialect, 'Unsupported modality');
  return answerInstance(context, instance, fault);
}

function answerSeries(context: SimulatorContext, series: HeldSeries, fault: Fault | undefined): Reply {
  const { seriesInstanceUid: uid, studyInstanceUid } = series;
  const verdict = seriesVerdict(series);
  if (verdict.validity === 'unsupported') return notImplemented(context.dialect, 'Unsupported modality');
  // An earlier computation still has its answer meanwhile.
  const earlier = fault?.kind === 'old_result' ? series.computations.at(-2) : undefined;
  const progress = earlier === undefined ? context.state.progressOfSeries(series) : 'ready';
  if (progress === 'not_computed') return neverComputed(uid);
  if (progress === 'undetermined') return validityUndetermined();
  if (progress === 'processing') return underProcess(context.dialect.processingBody, uid);
  if (verdict.validity === 'invalid') return notImplemented(context.dialect, 'Invalid scan');
  const computed = earlier ?? series.computations.at(-1);
  const instances = computed?.instances ?? series.instances.size;
  return resultReply(200, seriesResult(context, { uid, studyInstanceUid, verdict }, fault), instances, fault);
}

function answerInstance(context: SimulatorContext, instance: HeldInstance, fault: Fault | undefined): Reply {
  const { sopInstanceUid: uid, studyInstanceUid, verdict } = instance;
  if (verdict.validity === 'unsupported') return notImplemented(context.dialect, 'Unsupported scan');
  const progress = context.state.progressOfInstance(instance);
  if (progress === 'undetermined') return validityUndetermined();
  if (progress !== 'ready') return underProcess(context.dialect.processingBody, uid);
  const status = verdict.validity === 'valid' ? 200 : 206;
  return resultReply(status, xrayResult(context, { uid, studyInstanceUid, verdict }, fault), 1, fault);
}

/** A series is valid if one of its instances is. */
export function seriesVerdict(series: HeldSeries) {
  const verdicts = [...series.instances.values()].map((instance) => instance.verdict);
  const [first] = verdicts;
  if (first === undefined) throw new Error('A held series has no instances: the simulator is broken.');
  return verdicts.find((verdict) => verdict.validity === 'valid') ?? first;
}

function injectedAnswer(uid: string, fault: Fault | undefined): Reply | null {
  if (fault?.kind === 'still_processing') return underProcess(fault.body, uid);
  if (fault?.kind === 'not_sent_to_compute') return neverComputed(uid);
  if (fault?.kind === 'undetermined') return validityUndetermined();
  return null;
}
