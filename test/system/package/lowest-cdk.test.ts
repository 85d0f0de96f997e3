import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { examplesOf } from '../../support/page-examples.ts';
import { type Consumer, FORMATS, installAndCompile, isInRegistry, readJson } from './consumer.ts';

/** `^2.190.0` begins with 2.190.0. */
const LOWEST = Object.fromEntries(
  Object.entries(packageJson.peerDependencies).map(([name, range]) => [name, range.replace(/^\^/, '')]),
);
/** The apps of the documentation, without the one that uses cdk-nag: it needs a newer CDK than the package does. */
const APPS = Object.fromEntries(
  ['README.md', 'docs/infrastructure.md', 'docs/automation.md'].flatMap((page) =>
    examplesOf(page, 'ts')
      .filter(({ text }) => /\bnew App\(/.test(text) && !/from '(?:cdk-nag|\.)/.test(text))
      .map(({ name, text }) => [`${page.replace(/\W/g, '-')}-${name.replace(/\.ts$/, '')}`, text]),
  ),
);

const isReachable = Object.entries(LOWEST).every(([name, version]) => isInRegistry(name, version));
if (!isReachable)
  console.warn(
    "skipped: test/system/package: npm's registry is not reached, or lacks the lowest versions of peerDependencies: allow npm to reach it to run these tests",
  );

describe.skipIf(!isReachable)(
  `with the lowest CDK of peerDependencies, ${LOWEST['aws-cdk-lib']}, in an app`,
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-lowest-cdk-'));
    let consumer: Consumer;
    beforeAll(() => {
      consumer = installAndCompile(dir, APPS, LOWEST);
    });
    afterAll(() => rmSync(dir, { recursive: true }));

    it('has exactly that CDK', () => {
      for (const [name, version] of Object.entries(LOWEST))
        expect(readJson(join(dir, 'node_modules', name, 'package.json'))).toMatchObject({ version });
    });

    it.each(Object.keys(APPS))('synthesizes %s', (app) => {
      expect(existsSync(join(consumer.synthesize('module', app), 'manifest.json'))).toBe(true);
    });

    it.each(FORMATS)('synthesizes the example of the README in format %s', (format) => {
      expect(existsSync(join(consumer.synthesize(format, 'README-md-example-1'), 'manifest.json'))).toBe(
        true,
      );
    });
  },
);
