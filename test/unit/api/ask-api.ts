import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import type { OpenPatient } from '../../../functions/instances/kept-patient.ts';
import { defined } from '../../../functions/shared/defined.ts';
import { describedFor, mistakesOfAnswer } from '../../support/api-document.ts';
import { objectionsTo } from '../../support/api-reader.ts';
import { billOf } from '../../support/month-cost.ts';
import type { World } from '../../support/world/world.ts';

export interface Request {
  method?: string;
  query?: Readonly<Record<string, string>>;
  /** A text goes as it is. */
  body?: object | string;
  /** ARN of the caller. @default none: the function was invoked directly */
  by?: string;
  /** Of the token of a person, who asks below `/console`. @default no person */
  claims?: Readonly<Record<string, unknown>>;
  /** @default patients are not shown */
  openPatient?: OpenPatient;
  /** The deployment is on AWS. @default false */
  isBilled?: boolean;
}

/** As the deployment of a test has people sign in. */
export const SIGN_IN = {
  issuer: 'https://login.hospital.example',
  clientId: 'console',
  scopes: ['openid'],
  rolesClaim: 'roles',
} as const;

/** The claims of a person with these roles, as API Gateway passes them on. */
export function personWith(...roles: string[]) {
  return { iss: SIGN_IN.issuer, sub: 'u-1', roles: `[${roles.join(' ')}]` };
}

/** Sends what the handler reads of a payload 2.0 event. Whatever it takes and answers is as the published document says. */
export async function requestApi(
  world: World,
  path: string,
  { method = 'GET', query = {}, body, by, claims, openPatient, isBilled = false }: Request = {},
) {
  const event = {
    version: '2.0',
    rawPath: claims === undefined ? path : `/console${path}`,
    queryStringParameters: query,
    // Of the route `/{proxy+}`.
    pathParameters: { proxy: path.slice(1) },
    requestContext: {
      http: { method, path },
      ...(by === undefined ? {} : { authorizer: { iam: { userArn: by } } }),
      ...(claims === undefined ? {} : { apiId: 'a1', authorizer: { jwt: { claims, scopes: null } } }),
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  } as unknown as APIGatewayProxyEventV2;
  const {
    statusCode,
    headers = {},
    body: text,
  } = await createHandler({
    ...world.deps,
    signIn: SIGN_IN,
    ...defined({ openPatient }),
    ...(isBilled && billOf(world)),
  })(event);
  const answer = {
    status: statusCode ?? 0,
    type: String(headers['content-type']),
    body: JSON.parse(text ?? '') as Record<string, unknown>,
  };
  const mistakes = mistakesOfAnswer(describedFor(method, path), answer);
  const request = { method, path, query, ...(body === undefined ? {} : { body }) };
  mistakes.push(...objectionsTo(request, answer));
  if (mistakes.length > 0) throw new Error(`Expected an answer by the document: ${mistakes.join('; ')}`);
  return { ...answer, headers };
}

export async function askApi(world: World, path: string, request?: Request) {
  const { status, body } = await requestApi(world, path, request);
  return { status, body };
}

export const post = (world: World, path: string, body: object) =>
  askApi(world, path, { method: 'POST', body });
