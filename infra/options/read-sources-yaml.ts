import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * The content of a sources file: YAML, which includes JSON. The parser refuses duplicate keys, and aliases that would
 * expand to far more than is written.
 *
 * @throws Error whose message is one line, with the place if known. The parser would also quote the lines around it,
 * and one of them may contain a token. Its warnings do the same, so they are off.
 */
export function readSourcesYaml(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const [firstLine = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(firstLine.replace(/:$/, ''));
  }
}
