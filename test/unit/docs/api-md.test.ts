import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiDocument } from '../../../build/api/api-document.ts';

const document = apiDocument();

/** The text between a heading and the next one. */
function sectionOf(name: string): string {
  return document.split(`### ${name}\n`)[1]?.split('\n### ')[0] ?? '';
}

describe('API.md', () => {
  it('is current; `npm run docs:api` writes it', () => {
    expect(readFileSync(new URL('../../../API.md', import.meta.url), 'utf8')).toBe(document);
  });

  it('has one section for each link', () => {
    const headings = [...document.matchAll(/^### (.+)$/gm)].map(([, name = '']) => name.toLowerCase());
    expect(new Set(headings).size).toBe(headings.length);
    const targets = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target);
    expect(targets.filter((target) => !headings.includes(target ?? ''))).toEqual([]);
  });

  it('gives a property with its type, its meaning and its default', () => {
    expect(sectionOf('QureDropoffProps')).toContain(
      '- `dashboard?: boolean`\n\n  One CloudWatch dashboard of the whole pipeline.',
    );
    expect(sectionOf('QureDropoffProps')).toContain("\n  Default: 'qure-dropoff'\n");
  });

  it('gives how a construct is made first, and no member that is private', () => {
    const section = sectionOf('QureDropoff');
    expect(section.indexOf('new QureDropoff(')).toBeLessThan(section.indexOf('`appName'));
    expect(document).not.toMatch(/keptBySource|deployedSources|expectSource/);
  });

  it('leaves out how constructs are made that only QureDropoff makes', () => {
    expect(document.match(/`new \w+\(/g)).toEqual(['`new QureDropoff(', '`new QureDropoffStack(']);
  });

  it('gives the values of a type, also of one that a constant declares', () => {
    expect(sectionOf('MetricsBySource')).toContain("`'all' | 'failures' | 'none'`");
    expect(sectionOf('DetailType')).toMatch(/`'Series Complete' \| .+ \| 'Object Quarantined'`/);
    expect(sectionOf('AlarmSeverity')).toContain("`'critical' | 'warning'`");
  });
});
