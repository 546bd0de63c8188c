import type { Testbed } from '../testbed/testbed';
import type { Compared, Comparison } from './compare';
import type { Figure } from './figure';

/** What a `*.bench.ts` file exports as `benches`; it stands beside what it measures. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(run: BenchRun): Promise<readonly Figure[]>;
}

/** What the runner gives to a bench. */
export interface BenchRun {
  /** A smoke: few events, few rounds; its figures say nothing. */
  readonly quick: boolean;
  /** How many events to measure with: what was asked for, else the first; the second when quick. */
  events(full: number, quick: number): number;
  /** How long to measure: what was asked for, else the first; the second when quick. */
  seconds(full: number, quick: number): number;
  /** Real engines of its own: their processor time is this bench's. Closed by the runner. */
  bed(): Promise<Testbed>;
  /** Aborted when the run is broken off: for processes that no bed's supervisor ends. */
  readonly brokenOff: AbortSignal;
  /** A line of progress. */
  tell(line: string): void;
  compare(comparison: Comparison): Promise<Compared>;
}

/** The run was ended from outside: nothing more is measured. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** Something measured was wrong: the bench fails, however fast it was. */
export class WrongCount extends Error {
  override readonly name = 'WrongCount';
}

/** For what a bench counted. */
export function assertEqual(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return;
  throw new WrongCount(`${what}: ${String(found)}, not ${String(expected)}`);
}

/** For what may be more, as where a minute ends meanwhile. */
export function assertAtLeast(what: string, found: number, least: number): void {
  if (found >= least) return;
  throw new WrongCount(`${what}: ${found}, less than ${least}`);
}
