import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type TestTitle, testTitles } from './test-titles.ts';

const FOLDER = new URL('../../docs/safety/', import.meta.url);
const requirementId = z.string().regex(/^REQ-[A-Z]+-[0-9]+$/);
const text = z.string().min(1);

const hazardSchema = z.strictObject({
  id: z.string().regex(/^H[0-9]+$/),
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
        requirement: requirementId.optional(),
        tests: z.array(z.strictObject({ file: text, title: text })).min(1),
      }),
    )
    .min(1),
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

const MADE = (source: string) => `<!-- Made by \`npm run safety\` from ${source}; change that instead. -->`;

function hazardsPage(hazards: readonly Hazard[]): string {
  return `${[
    '# Hazards',
    '',
    MADE('hazards.yaml'),
    '',
    'For risk managers and for those who change the code. Terms are those of ISO 14971: a *hazard* is a potential source of harm, a *hazardous',
    'situation* exposes a patient to it, a *risk control* makes harm less likely or less severe, the *residual risk* is what remains. It concerns',
    'the transport as [intended-use.md](intended-use.md) describes it, beside a normal reading of every scan.',
    '',
    '- **Severity:** serious = a treatment that is missed, late or wrong; moderate = a reading that is delayed or disturbed; minor = cost or inconvenience.',
    '- **Probability, with the controls at work:** frequent, occasional, remote, improbable. These are estimates of the authors without',
    '  data from clinical use; a site replaces them by its own.',
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
    `- **Cause:** ${hazard.cause}`,
    `- **Hazardous situation:** ${hazard.situation}`,
    `- **Harm:** ${hazard.harm} Severity: ${hazard.severity}; probability: ${hazard.probability}.`,
    `- **Residual risk:** ${hazard.residual}`,
    '',
    '| risk control | proven by |',
    '|---|---|',
    ...hazard.controls.map(({ says, requirement, tests }) => {
      const proofs = tests.map(({ file, title }) => `${fileLink(file)}: ${cell(title)}`);
      const id = requirement === undefined ? '' : ` ([${requirement}](trace.md#${anchorOf(requirement)}))`;
      return `| ${says}${id} | ${proofs.join('<br>')} |`;
    }),
  ];
}

function tracePage(requirements: readonly Requirement[], titles: readonly TestTitle[]): string {
  return `${[
    '# Requirements and their tests',
    '',
    MADE('requirements.yaml and the titles of the tests'),
    '',
    'For auditors, and for those who change the code: what the software must do, and which tests prove it. A test carries the id of its',
    'requirement at the beginning of its title. A test of this page holds both ways: no requirement without a test, no id without a requirement.',
    ...requirements.flatMap(({ id, says, from }) => [
      '',
      `## ${id}`,
      '',
      `${says} (${from})`,
      '',
      ...titles
        .filter((test) => test.requirements.includes(id))
        .map(({ file, title }) => `- ${fileLink(file)}: ${cell(title)}`),
    ]),
  ].join('\n')}\n`;
}

function fileLink(file: string): string {
  return `[${file.replace(/^test\//, '')}](../../${file})`;
}

/** A title within a cell of a table, or a line of a list. */
function cell(title: string): string {
  return `\`${title.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}
