import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from '../../functions/shared/schema.ts';
import { type TestTitle, testTitles } from './test-titles.ts';

const FOLDER = new URL('../../docs/safety/', import.meta.url);
const requirementId = z.string().check(z.regex(/^REQ-[A-Z]+-[0-9]+$/));
const text = z.string().check(z.minLength(1));

const hazardSchema = z.strictObject({
  id: z.string().check(z.regex(/^H[0-9]+$/)),
  title: text,
  cause: text,
  /** How people come to be exposed to it. */
  situation: text,
  harm: text,
  severity: z.enum(['serious', 'moderate', 'minor']),
  /** With the risk controls at work. */
  probability: z.enum(['frequent', 'occasional', 'remote', 'improbable']),
  controls: z
    .array(
      z.strictObject({
        says: text,
        requirement: z.optional(requirementId),
        tests: z.array(z.strictObject({ file: text, title: text })).check(z.minLength(1)),
      }),
    )
    .check(z.minLength(1)),
  residual: text,
});

const requirementSchema = z.strictObject({
  id: requirementId,
  says: text,
  /** Where it comes from. */
  from: text,
});

export type Hazard = z.infer<typeof hazardSchema>;
export type Requirement = z.infer<typeof requirementSchema>;

function read(name: string): unknown {
  return parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

/** @throws ZodError */
export function readHazards(): Hazard[] {
  return z.strictObject({ hazards: z.array(hazardSchema) }).parse(read('hazards.yaml')).hazards;
}

/** @throws ZodError */
export function readRequirements(): Requirement[] {
  return z.strictObject({ requirements: z.array(requirementSchema) }).parse(read('requirements.yaml'))
    .requirements;
}

/** What `npm run safety` writes below `docs/safety/`. */
export function safetyFiles(): Readonly<Record<string, string>> {
  return {
    'hazards.md': hazardsPage(readHazards()),
    'trace.md': tracePage(readRequirements(), testTitles()),
  };
}

const MAX_COLUMNS = 100;

const MADE = (source: string) => `<!-- Made by \`npm run safety\` from ${source}; change that instead. -->`;

/** The text in lines of at most 100 columns, each after the first begun by `indent`. */
function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > MAX_COLUMNS) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

function item(text: string): string {
  return wrapped(`- ${text}`, '  ');
}

function hazardsPage(hazards: readonly Hazard[]): string {
  return `${[
    '# Hazards',
    '',
    MADE('hazards.yaml'),
    '',
    wrapped(
      'Reference, for risk managers and for those who change the code: the hazards of the transport that ' +
        '[intended-use.md](intended-use.md) describes, beside a normal reading of every scan. The terms are those of ISO 14971:',
    ),
    '',
    item('a *hazard* is a potential source of harm;'),
    item('a *hazardous situation* exposes a patient to it;'),
    item('a *risk control* makes harm less likely or less severe;'),
    item('the *residual risk* remains;'),
    item(
      '*severity*: serious is a missed, late or wrong treatment; moderate a delayed or disturbed reading; minor cost or inconvenience;',
    ),
    item('*probability*, with the controls: frequent, occasional, remote or improbable.'),
    '',
    wrapped(
      'The probabilities are estimates of the authors, without data from clinical use. A site replaces them by its own.',
    ),
    '',
    '| hazard | severity | probability |',
    '|---|---|---|',
    ...hazards.map(
      ({ id, title, severity, probability }) =>
        `| [${id}](#${anchorOf(`${id} ${title}`)}) ${title} | ${severity} | ${probability} |`,
    ),
    ...hazards.flatMap(hazardSection),
  ].join('\n')}\n`;
}

function hazardSection(hazard: Hazard): string[] {
  return [
    '',
    `## ${hazard.id} ${hazard.title}`,
    '',
    item(`**Cause:** ${hazard.cause}`),
    item(`**Hazardous situation:** ${hazard.situation}`),
    item(`**Harm:** ${hazard.harm} Severity: ${hazard.severity}; probability: ${hazard.probability}.`),
    item(`**Residual risk:** ${hazard.residual}`),
    '',
    'Risk controls, each with the tests that prove it:',
    '',
    ...hazard.controls.flatMap(({ says, requirement, tests }) => {
      const id = requirement === undefined ? '' : ` ([${requirement}](trace.md#${anchorOf(requirement)}))`;
      return [
        item(`${says}${id}`),
        ...tests.map(({ file, title }) => `  - ${fileLink(file)}:\n    ${code(title)}`),
      ];
    }),
  ];
}

function tracePage(requirements: readonly Requirement[], titles: readonly TestTitle[]): string {
  return `${[
    '# Requirements and their tests',
    '',
    MADE('requirements.yaml and the titles of the tests'),
    '',
    wrapped(
      'Reference, for auditors and for those who change the code: each requirement and the tests that prove it. ' +
        'The title of a test begins with the id of its requirement. A test checks both directions: ' +
        'every requirement has a test, and every id in a title has a requirement.',
    ),
    ...requirements.flatMap(({ id, says, from }) => [
      '',
      `## ${id}`,
      '',
      wrapped(`${says} (${from})`),
      '',
      ...titles
        .filter((test) => test.requirements.includes(id))
        .map(({ file, title }) => `- ${fileLink(file)}:\n  ${code(title)}`),
    ]),
  ].join('\n')}\n`;
}

function fileLink(file: string): string {
  return `[${file.replace(/^test\//, '')}](../../${file})`;
}

/** A title as code within a line. */
function code(title: string): string {
  return `\`${title.replaceAll('`', "'")}\``;
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}
