import { STAGE_NAMES, type Stages } from './stages.ts';

/** One bar of the picture. */
export interface Bar {
  label: string;
  /** What the total is of, beside it. */
  note: string;
  stages: Stages;
}

export interface BarGroup {
  title: string;
  bars: readonly Bar[];
}

const COLOURS: Record<(typeof STAGE_NAMES)[number], string> = {
  arrival: '#57606a',
  wait: '#d1242f',
  queue: '#bf8700',
  upload: '#0969da',
  compute: '#b7bec6',
  poll: '#8250df',
  assets: '#1a7f37',
};
const TITLES: Record<(typeof STAGE_NAMES)[number], string> = {
  arrival: 'arrival',
  wait: 'wait for the end',
  queue: 'queue',
  upload: 'upload',
  compute: 'computing at Qure',
  poll: 'until it is found',
  assets: 'files stored, announced',
};

const LEFT = 190;
const WIDTH = 900;
const RIGHT = 180;
const ROW = 22;
const BAR = 14;
const GROUP_GAP = 34;

/** Bars of seconds beside each other, as an SVG that needs no script and no font of its own. */
export function chartOf(groups: readonly BarGroup[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ stages }) => totalOf(stages))));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const parts: string[] = [];
  let y = 24;
  for (const { title, bars } of groups) {
    parts.push(text(12, y, title, 'font-weight="600"'));
    y += 10;
    for (const bar of bars) {
      parts.push(...barParts(bar, y, scale));
      y += ROW;
    }
    y += GROUP_GAP - 10;
  }
  let x = 12;
  for (const name of STAGE_NAMES) {
    parts.push(rect(x, y - 10, 12, 12, COLOURS[name]), text(x + 17, y, TITLES[name]));
    x += 32 + TITLES[name].length * 6.4;
  }
  const height = y + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Seconds from the first image to the announced result, by stage">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    '<g font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif" font-size="12" fill="#1f2328">',
    ...parts,
    '</g></svg>',
    '',
  ].join('\n');
}

function barParts({ label, note, stages }: Bar, y: number, scale: number): string[] {
  const parts = [text(LEFT - 8, y + 15, label, 'text-anchor="end"')];
  let x = LEFT;
  for (const name of STAGE_NAMES) {
    const width = stages[name] * scale;
    parts.push(rect(x, y + 4, width, BAR, COLOURS[name]));
    x += width;
  }
  parts.push(text(x + 6, y + 15, note));
  return parts;
}

function totalOf(stages: Stages): number {
  return STAGE_NAMES.reduce((sum, name) => sum + stages[name], 0);
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;
}

function text(x: number, y: number, content: string, more = ''): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}"${more === '' ? '' : ` ${more}`}>${safe}</text>`;
}
