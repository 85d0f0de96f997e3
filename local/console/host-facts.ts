import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ConsoleConfig } from '../../functions/api/console-config.ts';
import type { QureName } from '../report.ts';

/** What only the host of one machine knows, and the console shows. */
export interface HostFacts {
  qure: QureName;
  /** Names of the sources for which the simulator answers. @default none is known by its name */
  simulatedSources?: readonly string[];
  /** How to drop from another program: `http://127.0.0.1:4566` and `s3://qure-dropoff-drop/default/`. */
  s3Endpoint: string;
  dropUrl: string;
}

/** The configuration of the console as the API function gives it, with the facts of the host. A refusal stays as it is. */
export function withHostFacts(
  answer: APIGatewayProxyStructuredResultV2,
  { qure, simulatedSources = [], s3Endpoint, dropUrl }: HostFacts,
): APIGatewayProxyStructuredResultV2 {
  if (answer.statusCode !== 200) return answer;
  const everything = qure === 'simulator';
  const config: ConsoleConfig = {
    ...(JSON.parse(answer.body ?? '{}') as ConsoleConfig),
    qure,
    ...(everything || simulatedSources.length > 0
      ? { simulated: { everything, sources: simulatedSources } }
      : {}),
    dropCommand: `aws --endpoint-url ${s3Endpoint} s3 cp scan/ ${dropUrl} --recursive`,
  };
  return { ...answer, body: JSON.stringify(config) };
}
