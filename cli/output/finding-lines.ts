import { cleanText } from '../../local/progress/terminal-text.ts';
import type { Finding } from '../preflight/finding.ts';
import { counted } from './counted.ts';

/** A line for each check, with its fix below it, and how many there are. */
export function findingLines(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ check, level, detail, fix }) => [
    `${level.toUpperCase().padEnd(8)} ${check}: ${cleanText(detail)}`,
    ...(fix === undefined ? [] : [`         ${fix}`]),
  ]);
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  return [...lines, `${counted(count('problem'), 'problem')}, ${counted(count('warning'), 'warning')}`];
}
