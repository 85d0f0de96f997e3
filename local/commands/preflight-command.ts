import { parseArgs } from 'node:util';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options/usage-error.ts';
import { type Account, createAccount } from '../preflight/account.ts';
import type { Finding } from '../preflight/finding.ts';
import { type AskStatus, askStatus } from '../preflight/reach-qure.ts';
import { runChecks } from '../preflight/run-checks.ts';
import { cleanText } from '../progress/terminal-text.ts';
import type { Command } from './run-command.ts';

const HELP = `npm run preflight -- [options]

Checks, before a first deployment, what would make it fail or not work. It reads only and sends nothing to Qure but one
request without credentials. It uses the AWS credentials of the shell, as the AWS CLI does.

  --region R           the region of the deployment; default: that of your AWS profile
  --app-name NAME      as -c appName of the deployment; default qure-dropoff
  --instances-a-day N  images that the deployment has to take; default: what its default stages can
  --qure URL           the base URL that Qure issued; default QURE_BASE_URL
  --json               print JSON
  --help               print this

Exit: 0 no problem (warnings may be there), 1 a problem, 2 wrong use`;

/** Where the answers come from. */
export interface PreflightWorld {
  accountIn(region: string | undefined): Account;
  askStatus: AskStatus;
  environment: Readonly<Record<string, string | undefined>>;
}

const REAL: PreflightWorld = { accountIn: createAccount, askStatus, environment: process.env };

/** `npm run preflight` */
export function createPreflight({ accountIn, askStatus, environment }: PreflightWorld = REAL): Command {
  return async (argv, { print }) => {
    const values = readArguments(argv);
    if (values.help === true) {
      print(HELP);
      return 0;
    }
    const findings = await runChecks({
      account: accountIn(values.region),
      appName: values['app-name'] ?? 'qure-dropoff',
      askStatus,
      ...defined({
        qure: values.qure ?? environment['QURE_BASE_URL'],
        instancesADay:
          values['instances-a-day'] === undefined ? undefined : Number(values['instances-a-day']),
      }),
    });
    const lines = values.json === true ? [JSON.stringify({ findings }, undefined, 2)] : toText(findings);
    for (const line of lines) print(line);
    return findings.some(({ level }) => level === 'problem') ? 1 : 0;
  };
}

/** @throws UsageError with every mistake */
function readArguments(argv: readonly string[]) {
  const values = parse(argv);
  const { region, 'app-name': appName, 'instances-a-day': instances } = values;
  const mistakes = [
    ...(region === undefined || /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)
      ? []
      : ['--region: expected a region such as eu-central-1']),
    ...(appName === undefined || /^[a-z0-9-]{3,20}$/.test(appName)
      ? []
      : ['--app-name: expected 3 to 20 lower-case letters, digits and hyphens']),
    ...(instances === undefined || /^[1-9]\d{0,9}$/.test(instances)
      ? []
      : ['--instances-a-day: expected a whole number of at most ten digits']),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return values;
}

function parse(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    return parseArgs({
      args: [...argv],
      options: {
        region: text,
        'app-name': text,
        'instances-a-day': text,
        qure: text,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError([`${message.split('. ')[0]}; --help lists the options`]);
  }
}

function toText(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ check, level, detail, fix }) => [
    `${level.toUpperCase().padEnd(8)} ${check}: ${cleanText(detail)}`,
    ...(fix === undefined ? [] : [`         ${fix}`]),
  ]);
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  return [...lines, `${count('problem')} problems, ${count('warning')} warnings`];
}
