import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { QureName } from '../report.ts';

/** What the page shows in addition to the series. */
export interface PageFacts {
  qure: QureName;
  /** Names of the sources for which the simulator answers. @default none is known by its name */
  simulatedSources?: readonly string[];
  version: string;
  /** How to drop from another program: `http://127.0.0.1:4566` and `s3://qure-dropoff-drop/default/`. */
  s3Endpoint: string;
  dropUrl: string;
}

export interface ConsolePage {
  html: string;
  contentSecurityPolicy: string;
}

/**
 * The console as one page without external content. Style and script are allowed only by their hashes, so no text from
 * a scan or a server can become code.
 */
export function buildConsolePage(facts: PageFacts): ConsolePage {
  const [template, style, script] = ['console.html', 'console.css', 'console.js'].map((name) =>
    readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8'),
  ) as [string, string, string];
  const { qure, simulatedSources = [] } = facts;
  const isSimulated = qure === 'simulator' || simulatedSources.length > 0;
  const fillings: Record<string, string> = {
    kind: isSimulated ? 'simulated' : 'platform',
    banner: escapeHtml(
      qure === 'simulator'
        ? 'SIMULATED RESULTS: the bundled simulator answers instead of Qure. Nothing here is a finding.'
        : isSimulated
          ? `SIMULATED RESULTS of ${simulatedSources.join(', ')}: the bundled simulator answers instead of Qure, and nothing of them is a finding. Qure at ${qure}`
          : `Qure at ${qure}`,
    ),
    simulated: escapeHtml(JSON.stringify(simulatedSources)),
    version: escapeHtml(facts.version),
    dropCommand: escapeHtml(
      `aws --endpoint-url ${facts.s3Endpoint} s3 cp scan/ ${facts.dropUrl} --recursive`,
    ),
  };
  return {
    // Replacer functions, because `$` has a meaning in a replacement text.
    html: template
      .replace(/\{\{(\w+)\}\}/g, (_, name: string) => fillings[name] ?? '')
      .replace('<!-- style -->', () => `<style>${style}</style>`)
      .replace('<!-- script -->', () => `<script>${script}</script>`),
    contentSecurityPolicy: [
      "default-src 'none'",
      `style-src '${hashOf(style)}'`,
      `script-src '${hashOf(script)}'`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
