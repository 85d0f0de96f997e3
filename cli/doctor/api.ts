import * as z from '../../functions/shared/schema.ts';
import { VERSION } from '../../functions/shared/version.ts';
import { counted } from '../output/counted.ts';
import { type Finding, ok, problem, warning } from '../preflight/finding.ts';
import { ApiCallError } from '../target/api-answer.ts';
import type { CallApi } from '../target/call-api.ts';

/** A fix is a command to be copied: nothing else of the answer gets into it. */
const SEMVER = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,40})?$/;

const health = z.object({
  version: z.pipe(
    z.string(),
    z.transform((text) => (SEMVER.test(text) ? text : 'unknown')),
  ),
  sources: z.array(z.object({ name: z.string(), stopped: z.optional(z.string()) })),
  misconfiguredPrefixes: z.array(z.string()),
});
const letters = z.object({
  counts: z.array(z.object({ stage: z.string(), cause: z.string(), count: z.number() })),
});

/** What the pipeline says of itself. `where`: the options that lead there, for the commands of the fixes. */
export async function checkApi(call: CallApi, where: string): Promise<Finding[]> {
  let answer: z.infer<typeof health>;
  try {
    answer = health.parse(await call({ method: 'GET', path: '/v1/health' }));
  } catch (error) {
    return [judgeFailure(error, where)];
  }
  return [
    ok('api', `the API answers, version ${answer.version}`),
    judgeVersion(answer.version),
    ...judgeSources(answer, where),
    ...(await checkDeadLetters(call, where)),
  ];
}

function judgeFailure(error: unknown, where: string): Finding {
  if (error instanceof ApiCallError && error.status === undefined)
    return problem(
      'api',
      'the API was not reached',
      /^$|^ --data-dir /.test(where)
        ? `Start the host (npm start${where === '' ? '' : ` --${where}`}), or name another by --api or --stack.`
        : `${error.message}.`,
    );
  if (error instanceof ApiCallError)
    return problem(
      'api',
      error.message,
      'See the log of the API function, and the permissions of the caller.',
    );
  return problem(
    'api',
    'another program answers in place of the API',
    'It uses the port: stop it, or start the host with --port and name it by --api.',
  );
}

export function judgeVersion(version: string): Finding {
  return version === VERSION
    ? ok('version', `command and deployment are of version ${VERSION}`)
    : warning(
        'version',
        `this command is of version ${VERSION}, the deployment of ${version}`,
        version === 'unknown'
          ? 'Deploy this version.'
          : `Deploy this version, or run the command of the other one: npx qure-dropoff@${version}`,
      );
}

function judgeSources({ sources, misconfiguredPrefixes }: z.infer<typeof health>, where: string): Finding[] {
  const stopped = sources.filter((one) => one.stopped !== undefined);
  return [
    ...(stopped.length === 0 ? [ok('sources', `${counted(sources.length, 'source')}, none is stopped`)] : []),
    ...stopped.map(({ name, stopped: reason = '' }) =>
      problem(
        'sources',
        `the source ${name} is stopped: ${reason}`,
        `See ${reason} in docs/operations.md; then qure-dropoff retry --source ${name}${where}`,
      ),
    ),
    ...misconfiguredPrefixes.map((prefix) =>
      problem(
        'source-parameters',
        `the parameter of the source of ${prefix} has mistakes: what is dropped there waits`,
        'The log of the API function names them; correct the sources document and deploy (docs/configuration.md).',
      ),
    ),
  ];
}

async function checkDeadLetters(call: CallApi, where: string): Promise<Finding[]> {
  const check = 'dead-letters';
  try {
    const { counts } = letters.parse(await call({ method: 'GET', path: '/v1/dead-letters' }));
    if (counts.length === 0) return [ok(check, 'there are none')];
    return counts.map(({ stage, cause, count }) =>
      problem(
        check,
        `${count} of the stage ${stage}: ${cause}`,
        `See ${cause} in docs/operations.md; then qure-dropoff redrive --stage ${stage} --cause ${cause}${where}`,
      ),
    );
  } catch (error) {
    const detail = error instanceof ApiCallError ? error.message : 'the answer was not understood';
    return [warning(check, `not checked: ${detail}`, 'Allow GET /v1/dead-letters.')];
  }
}
