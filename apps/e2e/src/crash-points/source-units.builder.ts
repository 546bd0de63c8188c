import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A function or method with a name, and where it stands. */
export interface Unit {
  readonly name: string;
  readonly place: string;
  readonly node: ts.FunctionLikeDeclaration;
}

/** Tests, migrations and entry points have no effects of the product between which to die. */
const LEFT_OUT = /(\.(spec|builder|bench|migration|program)|\/main|\d{13}-[\w-]+)\.ts$/;

/** The functions of the sources below a folder. */
export function unitsOf(folder: string): Unit[] {
  return filesIn(folder).flatMap((path) => unitsOfText(path, readFileSync(path, 'utf8')));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !LEFT_OUT.test(`/${path}`))
    .map((path) => join(folder, path));
}

export function unitsOfText(path: string, text: string): Unit[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const units: Unit[] = [];
  const visit = (node: ts.Node): void => {
    const named = namedFunction(node);
    if (named) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      units.push({ ...named, place: `${path}:${line} ${named.name}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return units;
}

/** Declarations, methods, and functions that a variable or a property is made of. */
export function namedFunction(node: ts.Node): Pick<Unit, 'name' | 'node'> | undefined {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name && node.body) {
    return { name: node.name.getText(), node };
  }
  if (holdsFunction(node) && node.initializer) {
    const { initializer } = node;
    if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) {
      return { name: node.name.getText(), node: initializer };
    }
  }
  return undefined;
}

type Holder = ts.VariableDeclaration | ts.PropertyAssignment | ts.PropertyDeclaration;

const holdsFunction = (node: ts.Node): node is Holder =>
  ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node);
