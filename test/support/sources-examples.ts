import { examplesOf } from './page-examples.ts';

const PAGES = ['docs/configuration.md', 'docs/deployment.md', 'docs/sites.md', 'docs/on-premises.md'];
const IS_SOURCES_DOCUMENT = /^\s*(?:\{\s*)?"?sources"?:/m;

/** Every sources document that the pages show, as text. */
export const SOURCES_EXAMPLES = PAGES.flatMap((page) =>
  ['yaml', 'json']
    .flatMap((language) => examplesOf(page, language))
    .filter(({ text }) => IS_SOURCES_DOCUMENT.test(text))
    .map(({ name, text }) => ({ name: `${name} of ${page}`, document: text })),
);
