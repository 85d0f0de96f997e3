import { expect, it } from 'vitest';
import { USER_AGENT, VERSION } from '../../../functions/shared/version.ts';
import packageJson from '../../../package.json' with { type: 'json' };

it('is the version of the package', () => {
  expect(VERSION).toBe(packageJson.version);
  expect(USER_AGENT).toBe(`qure-dropoff/${packageJson.version}`);
});
