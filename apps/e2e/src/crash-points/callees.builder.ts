import ts from 'typescript';
import type { Unit } from './source-units.builder';

/** What a call is called: `append` of `this.appender.append(…)`. */
export function calleeOf({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression)
    ? expression.name.text
    : ts.isIdentifier(expression)
      ? expression.text
      : '';
}

/**
 * Which units a call may mean. The text says whose method it is where it calls `this.…()`, or
 * `this.returns.…()` of a class whose `returns` has a type; else it may be any of that name.
 */
export class Callees {
  private readonly byName = new Map<string, Unit[]>();
  /** By class name: their methods. */
  private readonly byClass = new Map<string, Unit[]>();

  constructor(units: readonly Unit[]) {
    for (const unit of units) {
      add(this.byName, unit.name, unit);
      const { parent } = unit.node;
      const holder = ts.isPropertyDeclaration(parent) ? parent.parent : parent;
      const owner = ts.isClassLike(holder) ? holder.name?.text : undefined;
      if (owner) add(this.byClass, owner, unit);
    }
  }

  named(name: string): readonly Unit[] {
    return this.byName.get(name) ?? [];
  }

  of(call: ts.CallExpression): readonly Unit[] {
    const name = calleeOf(call);
    const receiver = receiverOf(call);
    if (receiver?.isOfPackage) return [];
    const own = this.byClass.get(receiver?.type ?? '')?.filter((unit) => unit.name === name) ?? [];
    return own.length > 0 ? own : this.named(name);
  }
}

function add(to: Map<string, Unit[]>, key: string, unit: Unit): void {
  to.set(key, [...(to.get(key) ?? []), unit]);
}

interface Receiver {
  /** The name of the class or type whose method is called. */
  readonly type?: string | undefined;
  /** What a package brings has no effects but those that a call shows by itself. */
  readonly isOfPackage: boolean;
}

/** As far as the text says it. */
function receiverOf({ expression }: ts.CallExpression): Receiver | undefined {
  const around = ts.findAncestor(expression, ts.isClassLike);
  if (!around || !ts.isPropertyAccessExpression(expression)) return undefined;
  let receiver = expression.expression;
  if (isThis(receiver)) return { type: around.name?.text, isOfPackage: false };
  let isDeep = false;
  while (ts.isPropertyAccessExpression(receiver) && !isThis(receiver.expression)) {
    receiver = receiver.expression;
    isDeep = true;
  }
  if (!ts.isPropertyAccessExpression(receiver)) return undefined;
  const type = typeOf(propertyOf(around, receiver.name.text));
  const isOfPackage = type !== undefined && isImported(type, around.getSourceFile());
  // What hangs from a class of this program may be anything.
  return { type: isDeep ? undefined : type, isOfPackage };
}

const isThis = (node: ts.Node): boolean => node.kind === ts.SyntaxKind.ThisKeyword;

type Property = ts.PropertyDeclaration | ts.ParameterDeclaration;

/** Of its body, or of its constructor's parameters. */
function propertyOf(around: ts.ClassLikeDeclaration, name: string): Property | undefined {
  const parameters = around.members
    .filter(ts.isConstructorDeclaration)
    .flatMap((constructor) => [...constructor.parameters])
    .filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent));
  return [...around.members.filter(ts.isPropertyDeclaration), ...parameters].find(
    (property) => property.name.getText() === name,
  );
}

function typeOf(property: Property | undefined): string | undefined {
  if (property?.type) {
    const { type } = property;
    return ts.isTypeReferenceNode(type) ? type.typeName.getText() : undefined;
  }
  const made = property?.initializer;
  return made && ts.isNewExpression(made) ? made.expression.getText() : undefined;
}

/** By its name, from a package. */
function isImported(type: string, source: ts.SourceFile): boolean {
  return source.statements
    .filter(ts.isImportDeclaration)
    .filter(({ moduleSpecifier: from }) => ts.isStringLiteral(from) && !from.text.startsWith('.'))
    .some(({ importClause }) => {
      const bindings = importClause?.namedBindings;
      if (!bindings || !ts.isNamedImports(bindings)) return false;
      return bindings.elements.some(({ name }) => name.text === type);
    });
}
