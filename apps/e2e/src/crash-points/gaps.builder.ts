import ts from 'typescript';
import { calleeOf, Callees } from './callees.builder';
import {
  areExclusive,
  effectfulUnits,
  isInside,
  loopAround,
  stepsOf,
  type Step,
} from './effects.builder';
import type { Unit } from './source-units.builder';

type Effect = Extract<Step, { kind: 'effect' }>;

/** Begin a transaction; whatever passes them its own parameter does so too. */
const OPENERS = ['transaction', 'inTransaction', 'boundedTransaction'];

/** The units of a program, and what lies between their effects. */
export class Gaps {
  private readonly callees: Callees;
  private readonly effectful: ReadonlySet<Unit>;
  private readonly steps = new Map<Unit, Step[]>();

  constructor(private readonly units: readonly Unit[]) {
    this.callees = new Callees(units);
    this.effectful = effectfulUnits(units, this.callees);
    for (const unit of units) {
      this.steps.set(unit, stepsOf(unit, this.callees, this.effectful));
    }
  }

  /** Every point, as often as it stands in the text. */
  points(): string[] {
    const innermost = new Map<ts.Node, string>();
    for (const steps of this.steps.values()) {
      for (const step of steps) if (step.kind === 'point') innermost.set(step.node, step.name);
    }
    return [...innermost.values()];
  }

  /** Two effects with nothing between them at which the process could be killed. */
  betweenEffects(isObliged: (unit: Unit) => boolean): string[] {
    return this.units.filter(isObliged).flatMap((unit) => {
      const steps = this.steps.get(unit) ?? [];
      const effects = steps.filter((step): step is Effect => step.kind === 'effect');
      const found = effects.flatMap((effect, at) => {
        const next = effects[at + 1];
        const gap =
          next && !this.areParted(steps, effect, next) ? [`${effect.of} → ${next.of}`] : [];
        return this.isRepeatedBare(unit, steps, effect) ? [...gap, `${effect.of} again`] : gap;
      });
      return [...new Set(found)].map((what) => `${unit.place}: ${what}`);
    });
  }

  /** Transactions that write, and in which the process can nowhere be killed. */
  bareTransactions(): string[] {
    const openers = this.openers();
    return this.units.flatMap((unit) =>
      callsIn(unit.node)
        .filter((call) => openers.has(calleeOf(call)))
        .flatMap((call) => call.arguments.filter((given) => isCallback(given, this.callees)))
        .filter((work) => !passesOn(unit, work))
        .filter((work) => this.writes(work) && !this.reachesPoint(work, new Set()))
        .map(() => unit.place),
    );
  }

  private areParted(steps: readonly Step[], a: Effect, b: Effect): boolean {
    if (areExclusive(a.node, b.node)) return true;
    // The one is done by the other: `await transaction(() => write())`.
    if (isInside(a.node, b.node)) return true;
    const between = steps.slice(steps.indexOf(a) + 1, steps.indexOf(b));
    return (
      between.some(({ kind }) => kind === 'point') ||
      this.ends(a.by, 'last') ||
      this.ends(b.by, 'first')
    );
  }

  private isRepeatedBare(unit: Unit, steps: readonly Step[], effect: Effect): boolean {
    const loop = loopAround(effect.node, unit);
    if (!loop) return false;
    const hasPoint = steps.some(({ kind, node }) => kind === 'point' && isInside(node, loop));
    return !hasPoint && !this.ends(effect.by, 'last') && !this.ends(effect.by, 'first');
  }

  /** Whichever of them it is begins, or ends, with a point. */
  private ends(
    units: readonly Unit[],
    which: 'first' | 'last',
    seen: ReadonlySet<Unit> = new Set(),
  ): boolean {
    return (
      units.length > 0 &&
      units.every((unit) => !seen.has(unit) && this.endsOf(unit, which, new Set([...seen, unit])))
    );
  }

  private endsOf(unit: Unit, which: 'first' | 'last', seen: ReadonlySet<Unit>): boolean {
    const steps = this.steps.get(unit) ?? [];
    const step = which === 'first' ? steps[0] : steps.at(-1);
    if (step?.kind === 'effect') return this.ends(step.by, which, seen);
    return step?.kind === 'point';
  }

  private openers(): ReadonlySet<string> {
    const openers = new Set(OPENERS);
    for (const unit of this.units) {
      const opening = callsIn(unit.node).filter((call) => openers.has(calleeOf(call)));
      if (opening.some((call) => passesOn(unit, call))) openers.add(unit.name);
    }
    return openers;
  }

  private writes(work: ts.Node): boolean {
    const named = ts.isIdentifier(work) ? this.callees.named(work.text) : [];
    if (named.some((unit) => this.effectful.has(unit))) return true;
    const node = work as ts.ArrowFunction;
    return stepsOf({ node }, this.callees, this.effectful).some(({ kind }) => kind === 'effect');
  }

  private reachesPoint(work: ts.Node, seen: Set<string>): boolean {
    const names = ts.isIdentifier(work) ? [work.text] : callsIn(work).map(calleeOf);
    return names.some((name) => {
      if (name === 'crashPoint') return true;
      if (seen.has(name)) return false;
      seen.add(name);
      return this.callees.named(name).some(({ node }) => this.reachesPoint(node, seen));
    });
  }
}

/** What is done is a parameter of the unit: whoever calls that is asked instead. */
function passesOn(unit: Unit, work: ts.Node): boolean {
  const parameters = new Set(unit.node.parameters.map(({ name }) => name.getText()));
  const mentions = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) && parameters.has(node.text) && isCallable(node)) ||
    ts.forEachChild(node, mentions) === true;
  return mentions(work);
}

/** Called, or handed on as it is. */
const isCallable = (node: ts.Identifier): boolean =>
  ts.isCallExpression(node.parent) && /^(work|catchUp|decide|body)$/.test(node.text);

function isCallback(node: ts.Node, callees: Callees): boolean {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return true;
  return ts.isIdentifier(node) && callees.named(node.text).length > 0;
}

function callsIn(node: ts.Node): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (at: ts.Node): void => {
    if (ts.isCallExpression(at)) calls.push(at);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return calls;
}
