import { defined } from '../../functions/shared/defined.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import { findingLines } from '../output/finding-lines.ts';
import { type Account, createAccount } from '../preflight/account.ts';
import { type AskStatus, askStatus } from '../preflight/reach-qure.ts';
import { runChecks } from '../preflight/run-checks.ts';
import { REGION_ROW } from '../target/target.ts';

/** Where the answers come from. */
export interface PreflightDeps {
  accountIn(region: string | undefined): Promise<Account>;
  askStatus: AskStatus;
}

export function createPreflight({ accountIn, askStatus }: PreflightDeps): CommandSpec {
  return {
    name: 'preflight',
    group: 'Set-up',
    summary: 'Checks an AWS account before the first deployment',
    about: `Tells what would make a deployment fail or not work. It reads only, and sends nothing to Qure but one request
without credentials. It uses the AWS credentials of the shell, as the AWS CLI does.`,
    options: [
      REGION_ROW,
      {
        name: 'app-name',
        placeholder: 'NAME',
        value: {
          kind: 'pattern',
          pattern: /^[a-z0-9-]{3,20}$/,
          what: '3 to 20 lower-case letters, digits and hyphens',
        },
        help: 'as -c appName of the deployment (default: qure-dropoff)',
      },
      {
        name: 'instances-a-day',
        placeholder: 'N',
        value: { kind: 'whole', least: 1, most: 9_999_999_999 },
        help: 'images that the deployment has to take (default: what its default stages can)',
      },
      {
        name: 'qure',
        placeholder: 'URL',
        value: { kind: 'text', what: 'the base URL that Qure issued' },
        help: 'the base URL that Qure issued (default: QURE_BASE_URL)',
      },
    ],
    printsJson: true,
    async run(given, { env, print }: World) {
      const findings = await runChecks({
        account: await accountIn(given.text('region')),
        appName: given.text('app-name') ?? 'qure-dropoff',
        askStatus,
        ...defined({
          qure: given.text('qure') ?? env['QURE_BASE_URL'],
          instancesADay: given.number('instances-a-day'),
        }),
      });
      const lines = given.has('json') ? [JSON.stringify({ findings }, undefined, 2)] : findingLines(findings);
      for (const line of lines) print(line);
      return findings.some(({ level }) => level === 'problem') ? 1 : 0;
    },
  };
}

export const preflight = createPreflight({ accountIn: createAccount, askStatus });
