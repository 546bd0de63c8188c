import ts from 'typescript';
import { calleeOf, type Callees } from './callees.builder';
import { namedFunction, type Unit } from './source-units.builder';

/** In the order of the text: something lasting is done, or the process may be killed here. */
export type Step =
  | {
      readonly kind: 'effect';
      readonly node: ts.CallExpression;
      readonly of: string;
      /** Whose effect it is, unless the call itself is one. */
      readonly by: readonly Unit[];
    }
  | { readonly kind: 'point'; readonly node: ts.CallExpression; readonly name: string };

const WRITES = /\b(INSERT INTO|UPDATE (?!SET\b)[$\w"]|DELETE FROM|DROP|ALTER|CREATE|TRUNCATE)/;
const ENTITY_WRITES = new Set(['insert', 'update', 'upsert', 'delete', 'save']);

const receiverOf = ({ expression }: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(expression) ? expression.expression.getText() : '';

/** A statement that writes, an append to the log, an insert into ClickHouse. */
function isPrimitive(call: ts.CallExpression): boolean {
  const [name, receiver] = [calleeOf(call), receiverOf(call)];
  if (ENTITY_WRITES.has(name) && /manager$/.test(receiver)) return true;
  if (name === 'query') return WRITES.test(call.arguments[0]?.getText() ?? '');
  if (name === 'command') return /clickhouse$/i.test(receiver);
  return name === 'append' && /appender$/.test(receiver);
}

/** Its promise is looked at: `keys.delete(key)` of a map is no effect. */
function isAwaited(call: ts.CallExpression): boolean {
  const { parent } = call;
  return !ts.isExpressionStatement(parent) && !ts.isVoidExpression(parent);
}

/** The steps of a unit and of its callbacks; a function inside it with a name is a unit itself. */
export function stepsOf(
  { node: { body } }: Pick<Unit, 'node'>,
  callees: Callees,
  effectful: ReadonlySet<Unit>,
): Step[] {
  const steps: Step[] = [];
  const visit = (node: ts.Node): void => {
    if (namedFunction(node)) return;
    // Arguments come before the call: a transaction's callback is run by it.
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const name = calleeOf(node);
    const [first] = node.arguments;
    if (name === 'crashPoint' && first && ts.isStringLiteral(first)) {
      steps.push({ kind: 'point', node, name: first.text });
      return;
    }
    const by = callees.of(node).filter((one) => effectful.has(one));
    if (isPrimitive(node) || (by.length > 0 && isAwaited(node))) {
      steps.push({ kind: 'effect', node, of: name, by });
    }
  };
  if (body) visit(body);
  return steps;
}

/** Functions that do something lasting, themselves or through others. */
export function effectfulUnits(units: readonly Unit[], callees: Callees): Set<Unit> {
  const found = new Set<Unit>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const unit of units) {
      if (found.has(unit)) continue;
      if (stepsOf(unit, callees, found).some(({ kind }) => kind === 'effect')) found.add(unit);
    }
  }
  return found;
}

const isLoop = (node: ts.Node): boolean => ts.isIterationStatement(node, false);

/** The loop of this unit that goes round a node, if any. */
export function loopAround(node: ts.Node, unit: Unit): ts.Node | undefined {
  for (let at = node.parent; at && at !== unit.node; at = at.parent) {
    if (isLoop(at)) return at;
  }
  return undefined;
}

export const isInside = (node: ts.Node, outer: ts.Node): boolean =>
  node.pos >= outer.pos && node.end <= outer.end;

/** At most one of the two is run: they are of different branches. */
export function areExclusive(a: ts.Node, b: ts.Node): boolean {
  let shared: ts.Node = a;
  while (!isInside(b, shared)) shared = shared.parent;
  if (ts.isCaseBlock(shared) || ts.isConditionalExpression(shared)) return true;
  // What failed may have been done or not: what is caught begins anew.
  if (ts.isTryStatement(shared))
    return shared.catchClause !== undefined && isInside(b, shared.catchClause);
  return ts.isIfStatement(shared) && !isInside(a, shared.expression);
}
