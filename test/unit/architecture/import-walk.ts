/** Every import of the house's source files, with the way it leads from room to room. Reads syntax only, resolves nothing but relative paths. */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Room } from './room.ts';
import { adapterOf, allowsPackage, roomOf } from './rooms.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Import {
  readonly from: string;
  readonly line: number;
  /** A path from the root of the repository, or a package. */
  readonly to: string;
  readonly relative: boolean;
  readonly typesOnly: boolean;
  /** What is taken by name; empty for a bare or a namespace import. */
  readonly names: readonly string[];
}

export function filesUnder(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })).sort();
}

export function read(path: string): string {
  return readFileSync(posix.join(ROOT, path), 'utf8');
}

/** The imports, re-exports and `import()` calls of one file. */
export function importsOf(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const found: Import[] = [];
  const note = (node: ts.Node, specifier: ts.Expression | undefined, typesOnly: boolean, names: readonly string[]) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const relative = specifier.text.startsWith('.');
    const to = relative ? posix.join(posix.dirname(path), specifier.text) : specifier.text;
    found.push({ from: path, line, to, relative, typesOnly, names });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { typesOnly, names } = taken(node.importClause);
      note(node, node.moduleSpecifier, typesOnly, names);
    } else if (ts.isExportDeclaration(node)) {
      note(node, node.moduleSpecifier, node.isTypeOnly, []);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      note(node, node.arguments[0], false, []);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(node, node.argument.literal as ts.Expression, true, []);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function taken(clause: ts.ImportClause | undefined): { typesOnly: boolean; names: readonly string[] } {
  if (clause === undefined) return { typesOnly: false, names: [] };
  const bindings = clause.namedBindings;
  const elements = bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  const whole = clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
  const each = clause.name === undefined && elements.length > 0 && elements.every((one) => one.isTypeOnly);
  const values = elements.filter((one) => !one.isTypeOnly).map((one) => (one.propertyName ?? one.name).text);
  return { typesOnly: whole || each, names: whole ? [] : values };
}

/** Why this import breaks the law, as one line with the offending path; undefined when it does not. */
export function breachOf(one: Import): string | undefined {
  const from = roomOf(one.from);
  if (from === undefined) return undefined;
  const why = one.relative ? pathBreach(from, one) : packageBreach(from, one);
  return why === undefined
    ? undefined
    : `${one.from}:${one.line} → ${one.to}: room "${from.name}" ${why} (${from.because})`;
}

function pathBreach(from: Room, one: Import): string | undefined {
  if (one.to.startsWith('..')) return 'must not leave the repository';
  const to = roomOf(one.to);
  if (to === undefined) return 'must not import what is outside the house';
  if (to.name === from.name) {
    const [mine, other] = [adapterOf(one.from), adapterOf(one.to)];
    return mine !== other ? `adapter ${mine} must not see adapter ${other}` : undefined;
  }
  if (from.rooms.includes(to.name)) return undefined;
  if (from.types?.includes(to.name) === true) return one.typesOnly ? undefined : `sees only types of "${to.name}"`;
  return `must not see "${to.name}"`;
}

function packageBreach(from: Room, one: Import): string | undefined {
  if (!allowsPackage(from, one.to)) return `must not import the package`;
  if (from.name !== 'contract' || one.to !== '@temporalio/workflow' || one.typesOnly) return undefined;
  const more = one.names.filter((name) => !name.startsWith('define'));
  return more.length === 0 && one.names.length > 0
    ? undefined
    : `takes only define* of it, not ${more.join(', ') || '*'}`;
}
