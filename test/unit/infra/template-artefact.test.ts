import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { writeTemplate } from '../../../build/template/write-template.ts';
import { zipOfFiles } from '../../../build/template/zip-file.ts';

interface Template {
  Parameters: Record<string, { Default?: string }>;
  Rules?: object;
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

const dir = mkdtempSync(join(tmpdir(), 'template-artefact-'));
const outDir = join(dir, 'template');
let files: string[];
let text: string;
let template: Template;
beforeAll(async () => {
  files = await writeTemplate(outDir);
  text = readFileSync(join(outDir, 'template.json'), 'utf8');
  template = JSON.parse(text) as Template;
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the template for those without the CDK', () => {
  it('has the code parameters and no other, and no rule', () => {
    expect(Object.keys(template.Parameters).toSorted()).toEqual(['CodeBucket', 'CodePrefix']);
    expect(template).not.toHaveProperty('Rules');
  });

  it('names no bucket, parameter or asset of the CDK', () => {
    expect(text).not.toMatch(/bootstrap|-assets-|aws:asset|aws:cdk/i);
  });

  it('takes the code of every function from the parameters, under a key with a file in the folder', () => {
    const functions = Object.values(template.Resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::Function',
    );
    expect(functions.length).toBeGreaterThan(5);
    const keys = functions.map(({ Properties = {} }) => {
      const { S3Bucket, S3Key } = Properties['Code'] as {
        S3Bucket: object;
        S3Key: { 'Fn::Join': [string, [object, string]] };
      };
      const [separator, [prefix, key]] = S3Key['Fn::Join'];
      expect([S3Bucket, separator, prefix]).toEqual([{ Ref: 'CodeBucket' }, '', { Ref: 'CodePrefix' }]);
      expect(key).toMatch(/^[a-z-]+-[0-9a-f]{16}\.zip$/);
      return key;
    });
    expect(readdirSync(join(outDir, 'functions')).toSorted()).toEqual(keys.toSorted());
    expect(files.toSorted()).toEqual(
      ['README.md', 'template.json', ...keys.map((key) => `functions/${key}`)].toSorted(),
    );
  });

  it('is smaller than what CloudFormation takes from a bucket', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  });

  it('names no role, so that CAPABILITY_IAM is enough', () => {
    expect(text).not.toContain('"RoleName"');
    expect(readFileSync(join(outDir, 'README.md'), 'utf8')).toContain('--capabilities CAPABILITY_IAM ');
  });

  it('has the options of a deployment, and refuses others before anything is written', async () => {
    const sources = join(dir, 'sources.json');
    writeFileSync(sources, JSON.stringify({ sources: { north: {} } }));
    const other = join(dir, 'other');
    await writeTemplate(other, { sources, appName: 'scans-b', httpApi: 'false' });
    const made = readFileSync(join(other, 'template.json'), 'utf8');
    expect(made).toContain('"/scans-b/sources/north"');
    expect(made).not.toContain('ApiGatewayV2');
    expect(readFileSync(join(other, 'README.md'), 'utf8')).toContain('--secret-id scans-b/SOURCE');
    await expect(writeTemplate(other, { apName: 'x' })).rejects.toThrow('"apName" is no option');
    expect(readFileSync(join(other, 'template.json'), 'utf8')).toBe(made);
  });
});

it('zips files so that others unpack them, with the same bytes each time', async () => {
  const files = [
    ['console/main-A1.js.br', Buffer.from([0, 255, 3])],
    ['index.mjs', Buffer.from('export const handler = 1;\n'.repeat(100))],
  ] as const;
  const zip = zipOfFiles(files);
  expect(zipOfFiles(files)).toEqual(zip);
  const archive = await yauzl.fromBufferPromise(zip);
  const unpacked: [string, Buffer][] = [];
  for await (const entry of archive.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    unpacked.push([entry.fileName, Buffer.concat(chunks)]);
    expect(entry.externalFileAttributes >>> 16).toBe(0o100644);
  }
  expect(unpacked).toEqual(files);
});
