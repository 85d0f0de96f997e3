import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createHandler } from '../../../functions/serve-api/handler.ts';
import type { World } from '../../support/world/world.ts';

export interface Request {
  method?: string;
  query?: Record<string, string>;
  body?: object;
}

/** The parts of a payload 2.0 event that the handler reads. */
export async function askApi(world: World, path: string, { method = 'GET', query = {}, body }: Request = {}) {
  const event = {
    rawPath: path,
    queryStringParameters: query,
    requestContext: { http: { method } },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode, body: text } = await createHandler(world.deps)(event);
  return { status: statusCode, body: JSON.parse(text ?? '') as Record<string, unknown> };
}

export const post = (world: World, path: string, body: object) =>
  askApi(world, path, { method: 'POST', body });
