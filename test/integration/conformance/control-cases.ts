import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { BUS, type ConformanceCase, type ConformanceWorld, failureOf, PARAMETERS } from './world.ts';

async function parameters(world: ConformanceWorld, Path: string) {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { NextToken: token };
    const answer = await world.ssm.send(new GetParametersByPathCommand({ Path, ...next }));
    pages.push((answer.Parameters ?? []).map(({ Name, Value }) => `${Name}=${Value}`));
    token = answer.NextToken;
  } while (token !== undefined);
  return pages;
}

const entry = (detail: string): PutEventsRequestEntry => ({
  EventBusName: BUS,
  Source: 'qure-dropoff',
  DetailType: 'changed',
  Time: new Date('2026-05-04T10:00:00Z'),
  Detail: detail,
});

export const controlCases: readonly ConformanceCase[] = [
  {
    name: 'parameters below a path: its own level, in pages of ten at most',
    expected: [
      Object.entries(PARAMETERS)
        .filter(([name]) => /^\/sources\/s\d+$/.test(name))
        .map(([name, value]) => `${name}=${value}`),
      true,
    ],
    run: async (world) => {
      const pages = await parameters(world, '/sources/');
      return [pages.flat().sort(), pages.every((page) => page.length <= 10)];
    },
  },
  {
    name: 'a path without parameters',
    expected: [[]],
    run: (world) => parameters(world, '/nothing/'),
  },
  {
    name: 'a secret, and one that does not exist',
    expected: ['{"token":"t"}', '400 ResourceNotFoundException'],
    run: async ({ secretsManager }) => {
      const answer = await secretsManager.send(new GetSecretValueCommand({ SecretId: 'secrets/ct' }));
      const missing = secretsManager.send(new GetSecretValueCommand({ SecretId: 'secrets/none' }));
      return [answer.SecretString, await failureOf(missing)];
    },
  },
  {
    name: 'events are taken in their order',
    expected: [0, 2, [undefined, undefined], [{ n: 1 }, { n: 2 }]],
    run: async (world) => {
      const before = world.busEvents.length;
      const Entries = [entry('{"n":1}'), entry('{"n":2}')];
      const answer = await world.eventBridge.send(new PutEventsCommand({ Entries }));
      const codes = answer.Entries?.map(({ ErrorCode }) => ErrorCode);
      return [answer.FailedEntryCount, answer.Entries?.length, codes, world.busEvents.slice(before)];
    },
  },
];
