import type { Spread } from './spread';

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly ours: string;
  /** What it is compared with, and that one's figure. */
  readonly against?: string;
  readonly ratio?: Spread;
  /** DESIGN §7's, as text, and whether this run met it. Nothing fails because of it. */
  readonly budget?: { readonly text: string; readonly met: boolean };
  /** Lines below: processor time, where the time goes. */
  readonly notes?: readonly string[];
  /** For programs. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** A figure with the bench it is of. */
export interface BenchFigure extends Figure {
  readonly bench: string;
}
