import { fileURLToPath } from 'node:url';
import ts from 'typescript-api';
import { Declarations, type Declared } from './declarations.ts';
import { namesIn, publicMembersOf } from './public-members.ts';
import { sectionOf } from './sections.ts';

const ENTRY = fileURLToPath(new URL('../../infra/index.ts', import.meta.url));

/** What a reader looks for first. */
const FIRST = [
  'QureDropoff',
  'QureDropoffProps',
  'QureDropoffBase',
  'MeasuredConstruct',
  'QureDropoffStack',
  'QureDropoffStackProps',
  'IQureDropoff',
];

const HEAD = `# API

Reference, for developers of CDK apps: everything that the package \`qure-dropoff\` exports, with the types of its
members. \`npm run docs:api\` makes it from the sources; do not edit it. [docs/infrastructure.md](docs/infrastructure.md)
explains the properties with examples. Types without a link are those of \`aws-cdk-lib\` and \`constructs\`.
`;

/**
 * `API.md`: the exports of the package, and the types that their members name.
 * @throws Error for an export without a declaration, and for two types whose headings have the same link
 */
export function apiDocument(): string {
  const declarations = new Declarations();
  const exported = declarations.exportsOf(ENTRY);
  const isExported = (name: string) => exported.some((one) => one.name === name);
  const all = new Map(exported.map((one) => [one.name, one]));
  for (const declared of all.values()) {
    for (const name of namesIn(declared, publicMembersOf(declared, isExported))) {
      const found = declarations.find(declared.node.getSourceFile().fileName, name);
      // A constant gives a type its values, which are shown with the type.
      if (found && !ts.isVariableDeclaration(found.node) && found.node !== all.get(name)?.node) {
        if (all.has(name))
          throw new Error(`Expected one type ${name} in API.md, but there are two. Rename one.`);
        all.set(name, found);
      }
    }
  }
  const known = new Set(all.keys());
  const parts = PARTS.map(({ title, has }) => {
    const ofPart = [...all.values()].filter((one) => has(one, isExported(one.name))).toSorted(byName);
    return {
      title,
      sections: ofPart.map((one) =>
        sectionOf(one, publicMembersOf(one, isExported), known, (name) =>
          declarations.valuesOf(one.node.getSourceFile().fileName, name),
        ),
      ),
      ofPart,
    };
  });
  const contents = parts.map(
    ({ title, ofPart }) =>
      `- ${title}: ${ofPart.map(({ name }) => `[\`${name}\`](#${name.toLowerCase()})`).join(', ')}`,
  );
  const texts = parts.map(({ title, sections }) => `## ${title}\n\n${sections.join('\n')}`);
  return `${HEAD}\n${contents.join('\n')}\n\n${texts.join('\n')}`;
}

const PARTS: readonly { title: string; has: (one: Declared, isExported: boolean) => boolean }[] = [
  { title: 'Classes', has: ({ node }) => ts.isClassDeclaration(node) },
  { title: 'Interfaces', has: ({ node }, isExported) => isExported && ts.isInterfaceDeclaration(node) },
  { title: 'Types', has: ({ node }, isExported) => isExported && ts.isTypeAliasDeclaration(node) },
  {
    title: 'Functions and constants',
    has: ({ node }, isExported) =>
      isExported && (ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node)),
  },
  {
    title: 'Types of members, which are not exported',
    has: ({ node }, isExported) => !isExported && !ts.isClassDeclaration(node),
  },
];

function byName(a: Declared, b: Declared): number {
  const rank = ({ name }: Declared) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
