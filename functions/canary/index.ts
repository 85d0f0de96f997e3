import { lambdaEntry } from '../lambda/entry.ts';
import { createDeps } from './deps.ts';
import { readFunctionEnv } from './env.ts';
import { createHandler } from './handler.ts';

const deps = createDeps(readFunctionEnv());

export const handler = lambdaEntry(deps.log, createHandler(deps));
