/** Bytes. */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** At so many events: collected at rest, and the most under the load that led there. */
export interface Mark {
  readonly events: number;
  readonly rest: Memory;
  readonly load: Memory;
}

/** What is held at the end may stand this much above what was held when all was warm. */
export const FLAT_WITHIN = 0.1;
/** Caches fill, code is compiled, pools open: before this share of the events nothing is judged. */
export const WARM_AFTER = 0.4;
/** A container of this size runs each service through all of it. */
export const MOST_BYTES = 1024 ** 3;

export interface Growth {
  /** At the end by what was held when all was warm, both by the fitted line. */
  readonly ratio: number;
  readonly bytesPerEvent: number;
}

export interface Flatness {
  readonly heap: Growth;
  readonly resident: Growth;
  /** Resident under load, at most. */
  readonly most: number;
  readonly isFlat: boolean;
}

/**
 * Whether a service holds the same however many events it has seen. Judged by what it holds at
 * rest after its garbage is collected: a line through all marks from `WARM_AFTER` on, since any two
 * of them differ by chance; and by the most that it held under load.
 */
export function flatness(marks: readonly Mark[]): Flatness {
  const all = marks.at(-1)?.events ?? 0;
  const warm = marks.filter(({ events }) => events >= all * WARM_AFTER);
  const growthOf = (of: (memory: Memory) => number): Growth =>
    growth(warm.map(({ events, rest }) => [events, of(rest)]));
  const heap = growthOf((memory) => memory.heap);
  const resident = growthOf((memory) => memory.resident);
  const most = Math.max(...marks.map(({ load }) => load.resident));
  const isFlat =
    heap.ratio <= 1 + FLAT_WITHIN && resident.ratio <= 1 + FLAT_WITHIN && most <= MOST_BYTES;
  return { heap, resident, most, isFlat };
}

/** By least squares. */
function growth(points: readonly (readonly [events: number, bytes: number])[]): Growth {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first === last) throw new Error('at least two marks are needed');
  const mean = (at: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, [events, bytes]) => sum + (events - x) * (bytes - y), 0);
  const below = points.reduce((sum, [events]) => sum + (events - x) ** 2, 0);
  const bytesPerEvent = above / below;
  const at = (events: number): number => y + bytesPerEvent * (events - x);
  return { ratio: at(last[0]) / at(first[0]), bytesPerEvent };
}
