import { describe, expect, it } from 'vitest';
import { STAGES, visibilityTimeoutOf } from '../../../infra/limits.ts';
import { type StagesSettings, stageLimitsOf, stageMistakes } from '../../../infra/options/stage-settings.ts';
import { synthesize } from './synthesized-template.ts';

/** `PROBE_LEASE_SECONDS` and `RUN_SECONDS` of functions/admission/: what a run holds, it holds for so long at least. */
const LEASE_SECONDS = 960;

it('without settings are those of limits.ts', () => {
  expect(stageLimitsOf()).toEqual(STAGES);
  expect(stageLimitsOf({ compute: {} })).toEqual(STAGES);
});

describe('a stage with settings', () => {
  const stages: StagesSettings = {
    ingest: { timeoutSeconds: 120, memoryMb: 2048, maxConcurrency: 100 },
    compute: { maxConcurrency: 50, urgentMaxConcurrency: 8, timeoutSeconds: 600 },
    results: { timeoutSeconds: 900 },
  };
  const template = synthesize({ stages });
  const propertiesOf = (type: string, id: string) => template.one(type, id)[1].Properties;

  it('has them in its function and its mappings', () => {
    expect(propertiesOf('AWS::Lambda::Function', 'DropoffFunctionsIndexInstances')).toMatchObject({
      Timeout: 120,
      MemorySize: 2048,
    });
    const concurrencyOf = (id: string) =>
      propertiesOf('AWS::Lambda::EventSourceMapping', `DropoffFunctions${id}`).ScalingConfig;
    expect(concurrencyOf('IndexInstancesMessages')).toEqual({ MaximumConcurrency: 100 });
    expect(concurrencyOf('ComputeMessages')).toEqual({ MaximumConcurrency: 50 });
    expect(concurrencyOf('ComputeUrgentComputeMessages')).toEqual({ MaximumConcurrency: 8 });
    expect(concurrencyOf('PollResultsMessages')).toEqual({ MaximumConcurrency: 20 });
  });

  it('has the visibility timeout that its time-out asks for', () => {
    const visibilityOf = (id: string) => propertiesOf('AWS::SQS::Queue', id).VisibilityTimeout;
    expect(visibilityOf('DropoffIngestQueue')).toBe(120 + 30);
    expect(visibilityOf('DropoffComputeQueue')).toBe(600 + 30);
    expect(visibilityOf('DropoffUrgentComputeQueue')).toBe(600 + 30);
  });

  it('has an alarm for its backlog that waits for a delayed message and one redelivery', () => {
    for (const [stage, id] of [
      ['ResultsBacklog', 'DropoffResultsPollingQueue'],
      ['UrgentResultsBacklog', 'DropoffUrgentResultsQueue'],
    ] as const) {
      const { Threshold } = propertiesOf('AWS::CloudWatch::Alarm', `DropoffAlarms${stage}`);
      const { VisibilityTimeout } = propertiesOf('AWS::SQS::Queue', id);
      expect(Number(Threshold)).toBeGreaterThan(900 + Number(VisibilityTimeout));
    }
  });
});

it.each(Object.entries(STAGES))('%s: by default its messages and leases outlast a run', (_stage, limits) => {
  expect(visibilityTimeoutOf(limits).toSeconds()).toBeGreaterThan(limits.timeoutSeconds);
  expect(limits.timeoutSeconds).toBeLessThan(LEASE_SECONDS);
});

it.each<{ settings: unknown; says: RegExp }>([
  { settings: { compute: { timeoutSeconds: 901 } }, says: /compute\.timeoutSeconds: .* 180 to 900, got 901/ },
  { settings: { compute: { timeoutSeconds: 60 } }, says: /compute\.timeoutSeconds: .* got 60/ },
  { settings: { ingest: { memoryMb: 128 } }, says: /ingest\.memoryMb: .* 256 to 10240, got 128/ },
  { settings: { results: { maxConcurrency: 1 } }, says: /results\.maxConcurrency: .* 2 to 1000, got 1/ },
  { settings: { compute: { urgentMaxConcurrency: 2.5 } }, says: /urgentMaxConcurrency: .* got 2\.5/ },
  { settings: { sweep: {} }, says: /stages\.sweep: expected one of ingest, completion, compute, results/ },
])('refuses $settings', ({ settings, says }) => {
  expect(stageMistakes(settings as StagesSettings)).toEqual([expect.stringMatching(says)]);
});

it('reports mistakes with those of the other properties', () => {
  const make = () => synthesize({ appName: 'X', stages: { ingest: { memoryMb: 1 } } });
  expect(make).toThrow(/2 mistake\(s\):\n {2}appName: .*\n {2}stages\.ingest\.memoryMb: /);
});
