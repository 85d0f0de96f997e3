import ts from 'typescript-api';
import type { Declared } from './declarations.ts';

export type Member = ts.ClassElement | ts.TypeElement;

/** What a user can see of a class or an interface, how it is made first; none of anything else. */
export function publicMembersOf({ node }: Declared, isExported: (type: string) => boolean): Member[] {
  if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return [];
  const visible = [...node.members].filter((member) =>
    ts.isConstructorDeclaration(member)
      ? isForUsers(member, isExported)
      : !hasModifier(member, ...HIDDEN) && !isUntyped(member),
  );
  const rank = (member: Member) => (ts.isConstructorDeclaration(member) ? 0 : isStatic(member) ? 1 : 2);
  return visible.toSorted((a, b) => rank(a) - rank(b));
}

export function isStatic(member: Member): boolean {
  return hasModifier(member, ts.SyntaxKind.StaticKeyword);
}

function hasModifier(member: Member, ...kinds: readonly ts.SyntaxKind[]): boolean {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return modifiers.some(({ kind }) => kinds.includes(kind));
}

const HIDDEN = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];

/** A construct that only `QureDropoff` makes has properties that are not exported. */
function isForUsers(
  { parameters }: ts.ConstructorDeclaration,
  isExported: (type: string) => boolean,
): boolean {
  const props = parameters.at(2)?.type?.getText();
  return props !== undefined && isExported(props);
}

/** `override name = '…'` of an error: its base class documents it. */
function isUntyped(member: Member): boolean {
  return ts.isPropertyDeclaration(member) && member.type === undefined;
}

/** The types that the visible part of a declaration names. */
export function namesIn(declared: Declared, members: readonly Member[]): Set<string> {
  const { node } = declared;
  const names = new Set<string>();
  const visit = (part: ts.Node): void => {
    if (ts.isBlock(part)) return;
    if (ts.isTypeReferenceNode(part) && ts.isIdentifier(part.typeName)) names.add(part.typeName.text);
    if (ts.isTypeQueryNode(part) && ts.isIdentifier(part.exprName)) names.add(part.exprName.text);
    if (ts.isExpressionWithTypeArguments(part) && ts.isIdentifier(part.expression))
      names.add(part.expression.text);
    ts.forEachChild(part, visit);
  };
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    for (const part of [...(node.heritageClauses ?? []), ...members]) visit(part);
  } else if (ts.isTypeAliasDeclaration(node)) visit(node.type);
  else if (ts.isVariableDeclaration(node)) {
    if (node.type) visit(node.type);
  } else for (const part of [...node.parameters, node.type]) if (part) visit(part);
  return names;
}
