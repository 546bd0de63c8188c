import type { Figure } from './figure';
import { processorMicros, type Watched } from './processor-time';
import { asText, digits, rateText, spreadOf, type Spread } from './spread';

/** One way to do the work. */
export interface Side {
  readonly name: string;
  /** Not timed. */
  prepare?(round: number): Promise<void> | void;
  /** Timed; answers how many events it did, or how often it did the whole. */
  run(round: number): Promise<number | Timed>;
}

/** By a side that knows which part of its time counts. */
export interface Timed {
  readonly events: number;
  readonly seconds: number;
}

/** A side to compare with, and what share of its rate ours is to reach. */
export interface Bare extends Side {
  readonly budget?: number;
}

export interface Comparison {
  readonly what: string;
  readonly ours: Side;
  readonly bare: readonly Bare[];
  /** Rounds that count, after a warm-up of every side. */
  readonly rounds: number;
  /** What is counted, where that isn't an event; told by the time each takes. */
  readonly each?: string;
  /** By name: whose processor time is told. */
  readonly processes: Readonly<Record<string, Watched>>;
}

interface Turn {
  readonly perSecond: number;
  readonly micros: ReadonlyMap<string, number>;
}

export interface Compared {
  readonly figures: readonly Figure[];
  /** Of our side. */
  readonly rate: Spread;
}

export const FEWEST_ROUNDS = 5;

/**
 * Runs the sides turn about, so that whatever else the machine does meets all of them, and compares
 * within each round.
 */
export async function compare(
  comparison: Comparison,
  tell: (line: string) => void,
): Promise<Compared> {
  const sides: readonly Side[] = [comparison.ours, ...comparison.bare];
  const turns = new Map(sides.map((side) => [side, [] as Turn[]]));
  for (let round = 0; round <= comparison.rounds; round += 1) {
    for (const side of sides) {
      const turn = await turnOf(side, round, comparison.processes);
      const of = round === 0 ? 'warm-up' : `round ${round} of ${comparison.rounds}`;
      tell(`${comparison.what}, ${of}: ${side.name} ${shown(comparison, [turn])}`);
      if (round > 0) turns.get(side)?.push(turn);
    }
  }
  const ours = turns.get(comparison.ours) ?? [];
  const figures = comparison.bare.map((bare) =>
    figureOf(comparison, { side: comparison.ours, turns: ours }, bare, turns.get(bare) ?? []),
  );
  return { figures, rate: rateOf(ours) };
}

async function turnOf(
  side: Side,
  round: number,
  processes: Comparison['processes'],
): Promise<Turn> {
  await side.prepare?.(round);
  const before = processorTimes(processes);
  const startedAt = performance.now();
  const done = await side.run(round);
  const elapsed = (performance.now() - startedAt) / 1_000;
  const { events, seconds } = typeof done === 'number' ? { events: done, seconds: elapsed } : done;
  const micros = new Map<string, number>();
  for (const [name, after] of processorTimes(processes)) {
    micros.set(name, (after - (before.get(name) ?? after)) / events);
  }
  return { perSecond: events / seconds, micros };
}

function processorTimes(processes: Comparison['processes']): Map<string, number> {
  const times = new Map<string, number>();
  for (const [name, watched] of Object.entries(processes)) {
    const micros = processorMicros(watched);
    if (micros !== undefined) times.set(name, micros);
  }
  return times;
}

/** As a rate, or as the time that each took. */
function shown({ each }: Pick<Comparison, 'each'>, turns: readonly Turn[]): string {
  if (each === undefined) return rateText(rateOf(turns));
  const times = spreadOf(turns.map(({ perSecond }) => 1_000 / perSecond));
  return `${asText(times, (ms) => (ms < 100 ? ms.toFixed(1) : digits(ms)))} ms`;
}

const rateOf = (turns: readonly Turn[]): Spread =>
  spreadOf(turns.map(({ perSecond }) => perSecond));

function figureOf(
  comparison: Comparison,
  ours: { readonly side: Side; readonly turns: readonly Turn[] },
  bare: Bare,
  bareTurns: readonly Turn[],
): Figure {
  const { what, each = 'event' } = comparison;
  const ratio = spreadOf(
    ours.turns.map(({ perSecond }, at) => perSecond / (bareTurns[at]?.perSecond ?? NaN)),
  );
  const [mine, theirs] = [rateOf(ours.turns), rateOf(bareTurns)];
  const budget =
    bare.budget === undefined
      ? {}
      : { budget: { text: `≥ ${bare.budget}`, met: ratio.median >= bare.budget } };
  const processor = [
    `${ours.side.name}: ${processorText(ours.turns)}`,
    `${bare.name}: ${processorText(bareTurns)}`,
  ];
  return {
    what,
    ours: shown(comparison, ours.turns),
    against: `${bare.name} ${shown(comparison, bareTurns)}`,
    ratio,
    ...budget,
    notes: [`µs of processor per ${each} – ${processor.join(' | ')}`],
    numbers: { oursPerSecond: mine.median, barePerSecond: theirs.median, ratio: ratio.median },
  };
}

function processorText(turns: readonly Turn[]): string {
  const names = [...(turns[0]?.micros.keys() ?? [])];
  const texts = names.map((name) => {
    const { median } = spreadOf(turns.map(({ micros }) => micros.get(name) ?? 0));
    return `${name} ${median.toFixed(1)}`;
  });
  return texts.join(', ') || 'not told by this system';
}
