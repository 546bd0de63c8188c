import type { Counted } from './counted';
import { NOTHING, type Sums, type Truth } from './truth';

export interface Verdict {
  /**
   * Events that were acked, and are not in the log, not in the totals or not in the warehouse;
   * conflicts that are not set aside.
   */
  readonly lost: number;
  /** Countings too many: of one event, or of one that the door refused; set aside twice. */
  readonly doubled: number;
  /** Sums that are not the model's, what reconcile names, what is set aside and should not be. */
  readonly unequal: number;
  readonly faults: readonly string[];
}

const MOST_NAMED = 5;

/** Compares what was sent and acked with what is there, fold by fold. */
export function judge(truth: Truth, counted: Counted): Verdict {
  const faults: string[] = [];
  const note = (what: string, names: readonly string[]): number =>
    noting(faults)(what, names).length;
  const acks = [...truth.acks];
  const { log, warehouse, totals, warehouseSums } = counted;
  const inLog = new Set(log.map(({ event }) => event));
  const expected = truth.expected();
  const totalsOff = offBy(expected, totals);
  const unasked = [...warehouse.keys()].filter((event) => !truth.acks.has(event));
  const notLogged = acks.filter((event) => !inLog.has(event));
  const notLoaded = acks.filter((event) => !warehouse.has(event));
  note('acked, not in the log', notLogged);
  note('acked, not in ClickHouse', notLoaded);
  const missing = note('missing in the totals', totalsOff.missing);
  const repeated = [...warehouse].flatMap(([id, times]) => Array<string>(times - 1).fill(id));
  const refused = unasked.filter((event) => !truth.open.has(event));
  const loadedTooOften =
    note('more than once in ClickHouse', repeated) +
    note('in ClickHouse, and never acked', refused);
  const surplus = note('too many in the totals', totalsOff.surplus);
  const lost = Math.max(new Set([...notLogged, ...notLoaded]).size, missing);
  const doubled = Math.max(loadedTooOften, surplus);
  const unequal =
    note('sums of the totals', differing(expected, totals)) +
    note('sums of ClickHouse', differing(expected, warehouseSums));
  return { lost, doubled, unequal, faults };
}

/** Adds to the faults what it is told, cut short, and hands the names on. */
export const noting =
  (faults: string[]) =>
  (what: string, names: readonly string[]): readonly string[] => {
    const rest = names.length > MOST_NAMED ? ` … ${names.length} in all` : '';
    if (names.length > 0) faults.push(`${what}: ${names.slice(0, MOST_NAMED).join(', ')}${rest}`);
    return names;
  };

/** An account once per call that it has too few or too many. */
function offBy(expected: ReadonlyMap<string, Sums>, held: ReadonlyMap<string, Sums>) {
  const missing: string[] = [];
  const surplus: string[] = [];
  for (const account of new Set([...expected.keys(), ...held.keys()])) {
    const calls = (expected.get(account) ?? NOTHING).calls - (held.get(account) ?? NOTHING).calls;
    const names = Array.from({ length: Math.abs(calls) }, () => account);
    (calls > 0 ? missing : surplus).push(...names);
  }
  return { missing, surplus };
}

function differing(expected: ReadonlyMap<string, Sums>, held: ReadonlyMap<string, Sums>): string[] {
  const units = ['calls', 'inputTokens', 'outputTokens'] as const;
  return [...new Set([...expected.keys(), ...held.keys()])].filter((account) => {
    const [wanted, is] = [expected.get(account) ?? NOTHING, held.get(account) ?? NOTHING];
    return units.some((unit) => wanted[unit] !== is[unit]);
  });
}
