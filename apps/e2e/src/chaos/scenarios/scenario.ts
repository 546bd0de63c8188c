import type { Fleet } from '../fleet';
import type { RowResult } from '../row';

export interface Surroundings {
  readonly fleet: Fleet;
  readonly seed: number;
}

/** One row of the table. */
export interface Scenario {
  readonly name: string;
  /** A control lacks a guard: it must come out red in this, or the matrix could not see it. */
  readonly shows?: 'lost' | 'doubled';
  /** May an answer other than 202 be given to usage? Where not, one is a fault (I10). */
  readonly mayRefuse?: boolean;
  run(surroundings: Surroundings): Promise<RowResult>;
}
