import { existsSync } from 'node:fs';
import type { Source } from '../../functions/sources/source.ts';
import { CLOUD_DEFAULTS, parseSourcesDocument } from '../../functions/sources/sources-document.ts';
import { cleanText } from '../../local/progress/terminal-text.ts';
import type { CommandSpec } from '../frame/command.ts';
import { CONFIG_ROW, SOURCE_ROW } from '../frame/shared-rows.ts';
import { counted } from '../output/counted.ts';
import { chooseSource, readWrittenSources } from '../rules/read-rules.ts';
import type { RoutedSeries } from '../rules/route-files.ts';

export const rulesTest: CommandSpec = {
  name: 'rules test',
  group: 'Set-up',
  summary: 'Shows which product the series of DICOM files would go to, and why',
  about: `It reads the headers as the pipeline does. Nothing has to run, and nothing is sent. Without --config the default rules
of an empty source decide. Instances that are not among the files could change the outcome. 1: a file cannot be read.`,
  operand: {
    name: 'FILE',
    help: 'DICOM files, folders or zip archives',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    isPath: true,
  },
  options: [
    { ...CONFIG_ROW, help: 'the sources file with the rules (default: the default rules alone)' },
    { ...SOURCE_ROW, help: 'the source of the file whose rules decide, where there are several' },
  ],
  printsJson: true,
  check: (given) => [
    ...given.operands
      .filter((path) => path !== '' && !existsSync(path))
      .map((path) => `${JSON.stringify(path)}: expected a file or a folder, found none`),
    ...(given.has('source') && !given.isTyped('config') ? ['--source: expected it with --config'] : []),
  ],
  async run(given, world) {
    const configFile = given.text('config');
    const sources: readonly { source: Source }[] =
      configFile === undefined
        ? parseSourcesDocument({ sources: { default: {} } }, CLOUD_DEFAULTS)
        : readWrittenSources(configFile);
    const { source } = chooseSource(sources, given.text('source'));
    const { routeFiles } = await import('../rules/route-files.ts');
    const { series, notRead } = await routeFiles(given.operands, source);
    if (given.has('json'))
      world.print(JSON.stringify({ source: source.name, series, notRead }, undefined, 2));
    else {
      for (const one of series) for (const line of textOf(one)) world.print(line);
      for (const { path, reason } of notRead) world.note(`${cleanText(path)}: ${reason}`);
    }
    return notRead.length > 0 || series.length === 0 ? 1 : 0;
  },
};

function textOf(one: RoutedSeries): string[] {
  const where =
    one.product === undefined
      ? `SKIPPED (${one.skip})`
      : `${one.product}${one.priority === undefined ? '' : ', urgent'}`;
  const named =
    one.regions === undefined
      ? 'no text names a part of the body'
      : `${one.namedBy} names ${one.regions.join(', ')}`;
  return [
    `${one.seriesInstanceUid}: ${where}`,
    `  by the rule ${one.rule}; ${counted(one.instances, 'instance')}, modality ${one.modality ?? 'none'}, ${named}`,
    ...(one.detail === undefined ? [] : [`  ${one.detail}`]),
    ...(one.outsideIndication === undefined
      ? []
      : [`  outside the clearances: ${one.outsideIndication.join(', ')}`]),
  ].map(cleanLine);
}

/** Keeps the indentation. */
function cleanLine(line: string): string {
  return (line.startsWith('  ') ? '  ' : '') + cleanText(line);
}
