import ts from 'typescript-api';
import type { Declared } from './declarations.ts';
import { isStatic, type Member } from './public-members.ts';

/** The texts of a constant list that the file of the declaration names. */
export type ValuesOf = (name: string) => string[] | undefined;

/** The section of one declaration, with an entry for each member. @param sections the names that have a section */
export function sectionOf(
  { name, node }: Declared,
  members: readonly Member[],
  sections: ReadonlySet<string>,
  valuesOf: ValuesOf,
): string {
  const known = new Set([...sections].filter((one) => one !== name));
  const lines = [`### ${name}`, ''];
  const bases = heritageOf(node).map((type) => code(type, known));
  if (bases.length > 0) lines.push(`Extends ${bases.join(', ')}.`, '');
  const documented = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const text = documentationOf(documented);
  if (text.length > 0) lines.push(...text, '');
  if (ts.isTypeAliasDeclaration(node)) lines.push(code(aliasText(node, valuesOf), known), '');
  if (ts.isFunctionDeclaration(node)) lines.push(code(signatureOf(name, node), known), '');
  if (ts.isVariableDeclaration(node)) lines.push(code(constantText(node, valuesOf), known), '');
  lines.push(...members.flatMap((member) => memberLines(name, member, known)));
  if (members.length > 0) lines.push('');
  return lines.join('\n');
}

function heritageOf(node: Declared['node']): string[] {
  if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return [];
  return (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => oneLine(type.getText())));
}

function memberLines(owner: string, member: Member, known: ReadonlySet<string>): string[] {
  const text = documentationOf(member).map((line) => (line === '' ? '' : `  ${line}`));
  return [`- ${code(memberText(owner, member), known)}`, ...(text.length > 0 ? ['', ...text] : [])];
}

function memberText(owner: string, member: Member): string {
  if (ts.isConstructorDeclaration(member)) return `new ${signatureOf(owner, member)}`;
  const name = `${isStatic(member) ? `${owner}.` : ''}${member.name?.getText() ?? ''}`;
  if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member)) return signatureOf(name, member);
  if (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member) || ts.isGetAccessor(member)) {
    const isOptional = !ts.isGetAccessor(member) && member.questionToken !== undefined;
    return `${name}${isOptional ? '?' : ''}: ${oneLine(member.type?.getText() ?? 'unknown')}`;
  }
  return oneLine(member.getText());
}

/** Without the pattern of an argument that the code takes apart. */
function signatureOf(name: string, node: ts.SignatureDeclaration): string {
  const parameters = node.parameters.map((parameter) => {
    const own = ts.isIdentifier(parameter.name) ? parameter.name.text : 'props';
    const isOptional = parameter.questionToken !== undefined || parameter.initializer !== undefined;
    const rest = parameter.dotDotDotToken === undefined ? '' : '...';
    const type = parameter.type?.getText() ?? (parameter.initializer ? 'string' : 'unknown');
    return `${rest}${own}${isOptional ? '?' : ''}: ${oneLine(type)}`;
  });
  const result = node.type === undefined ? '' : `: ${oneLine(node.type.getText())}`;
  return `${name}(${parameters.join(', ')})${result}`;
}

/** `(typeof NAMES)[number]` as the names. */
function aliasText({ type }: ts.TypeAliasDeclaration, valuesOf: ValuesOf): string {
  return oneLine(type.getText()).replace(
    /\(typeof (\w+)\)\[number\]/g,
    (all, name: string) => valuesOf(name)?.join(' | ') ?? all,
  );
}

function constantText({ name, type, initializer }: ts.VariableDeclaration, valuesOf: ValuesOf): string {
  if (type) return `${name.getText()}: ${oneLine(type.getText())}`;
  const values = valuesOf(name.getText());
  return `${name.getText()} = ${values ? `[${values.join(', ')}]` : oneLine(initializer?.getText() ?? '')}`;
}

/** The comment and what its tags say, as lines. */
function documentationOf(node: ts.Node): string[] {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  if (comment === undefined) return [];
  const lines = (ts.getTextOfJSDocComment(comment.comment) ?? '').split('\n');
  const tags = (comment.tags ?? []).map((tag) => {
    const label = LABELS[tag.tagName.text] ?? tag.tagName.text;
    const subject = ts.isJSDocParameterTag(tag) ? ` \`${tag.name.getText()}\`` : '';
    // The parser takes the first word of `@throws` for a type without braces.
    const said = tag
      .getText()
      .replace(/^@\w+\s*/, '')
      .replace(/\n\s*\*?\s?/g, '\n');
    const text = (ts.isJSDocParameterTag(tag) ? (ts.getTextOfJSDocComment(tag.comment) ?? '') : said).trim();
    return `${label}${subject}: ${text}`;
  });
  const text = lines.join('\n').trim();
  return [...(text === '' ? [] : text.split('\n')), ...tags.flatMap((tag) => ['', ...tag.split('\n')])]
    .map((line) => line.trimEnd())
    .filter((line, at) => at > 0 || line !== '');
}

const LABELS: Readonly<Record<string, string>> = {
  default: 'Default',
  throws: 'Throws',
  param: 'Parameter',
  returns: 'Returns',
};

/** Code, in which each known name is a link. A name before `:` or `(` is that of a member or an argument. */
function code(text: string, known: ReadonlySet<string>): string {
  const spans: string[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') spans.push(`\`${plain}\``);
    plain = '';
  };
  for (const part of text.split(/\b(\w+)\b(?!\??:|\()/)) {
    if (!known.has(part)) plain += part;
    else {
      flush();
      spans.push(`[\`${part}\`](#${part.toLowerCase()})`);
    }
  }
  flush();
  return spans.join('');
}

/** Without what only the formatting over several lines needs. */
function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/^\| /, '')
    .replace(/([<[]) /g, '$1')
    .replace(/,? ([>\]])/g, (all, end: string) => (all.startsWith(',') ? end : all));
}
