import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * The content of a sources file: YAML, of which JSON is a part. The parser refuses a key that stands twice, and aliases that
 * would unfold to far more than is written.
 *
 * @throws Error whose message is one line, with the place where there is one. The parser quotes the lines around it too, and
 * one of them may hold a token; its warnings do the same, hence none.
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
