import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript-api';

/** A class, interface, type, function or constant of this repository, as its file declares it. */
export interface Declared {
  name: string;
  node:
    | ts.ClassDeclaration
    | ts.InterfaceDeclaration
    | ts.TypeAliasDeclaration
    | ts.FunctionDeclaration
    | ts.VariableDeclaration;
}

/**
 * Finds declarations by the names that files use, over imports and re-exports. It parses and checks nothing: the types of the CDK
 * alone would take ten seconds to load, and are documented elsewhere.
 */
export class Declarations {
  private readonly files = new Map<string, ts.SourceFile>();

  /** What a file exports from other files, in its order. @throws Error for an export of which there is no declaration */
  exportsOf(path: string): Declared[] {
    const names = this.parse(path).statements.flatMap((statement) =>
      ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map((element) => element.name.text)
        : [],
    );
    return names.map((name) => {
      const declared = this.find(path, name);
      if (declared !== undefined) return declared;
      throw new Error(`Expected a declaration of ${name}, which ${path} exports, but found none.`);
    });
  }

  /** @returns nothing for a name of another package */
  find(path: string, name: string): Declared | undefined {
    for (const statement of this.parse(path).statements) {
      const declared = declaredBy(statement, name);
      if (declared !== undefined) return declared;
      const specifier = specifierIn(statement, name);
      if (specifier === undefined) continue;
      const target = join(dirname(path), specifier.from);
      return specifier.from.startsWith('.') && existsSync(target)
        ? this.find(target, specifier.name)
        : undefined;
    }
    return undefined;
  }

  /** The texts of a constant list, those of the lists that it takes in included. @returns nothing for another constant */
  valuesOf(path: string, name: string): string[] | undefined {
    const node = this.find(path, name)?.node;
    if (node === undefined || !ts.isVariableDeclaration(node)) return undefined;
    const { initializer } = node;
    const list = initializer && ts.isAsExpression(initializer) ? initializer.expression : initializer;
    if (list === undefined || !ts.isArrayLiteralExpression(list)) return undefined;
    const values = list.elements.map((element) => {
      if (ts.isStringLiteral(element)) return [element.getText()];
      if (!ts.isSpreadElement(element)) return undefined;
      return this.valuesOf(node.getSourceFile().fileName, element.expression.getText());
    });
    return values.every((one) => one !== undefined) ? values.flat() : undefined;
  }

  private parse(path: string): ts.SourceFile {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const parsed = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    this.files.set(path, parsed);
    return parsed;
  }
}

function declaredBy(statement: ts.Statement, name: string): Declared | undefined {
  if (ts.isVariableStatement(statement)) {
    const node = statement.declarationList.declarations.find((one) => one.name.getText() === name);
    return node && { name, node };
  }
  const isNamed =
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isFunctionDeclaration(statement);
  return isNamed && statement.name?.text === name ? { name, node: statement } : undefined;
}

/** Where a file has a name from that it imports or re-exports, and what the name is there. */
function specifierIn(statement: ts.Statement, name: string): { name: string; from: string } | undefined {
  const [clause, module] = ts.isImportDeclaration(statement)
    ? [statement.importClause?.namedBindings, statement.moduleSpecifier]
    : ts.isExportDeclaration(statement)
      ? [statement.exportClause, statement.moduleSpecifier]
      : [];
  if (module === undefined || clause === undefined || !ts.isStringLiteral(module)) return undefined;
  if (!ts.isNamedImports(clause) && !ts.isNamedExports(clause)) return undefined;
  const element = [...clause.elements].find((one) => one.name.text === name);
  return element && { name: (element.propertyName ?? element.name).text, from: module.text };
}
