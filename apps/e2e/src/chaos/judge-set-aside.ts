import type { Logged } from './logged';
import type { SetAside, SetAsides } from './set-aside';
import type { Truth } from './truth';
import { noting, type Verdict } from './verdict';

const REASON = 'id-conflict';

/** In these an entry stands once; what is published may come again. */
const ONCE: ReadonlySet<keyof SetAsides> = new Set(['quarantine', 'warehouse']);

/**
 * Each entry of the log whose id came before with another content is set aside by both folds, once,
 * and published; nothing else is. And the log has every conflict that was acked.
 */
export function judgeSetAside(
  truth: Truth,
  log: readonly Logged[],
  held: SetAsides,
): Verdict & { readonly setAside: number } {
  const faults: string[] = [];
  const note = noting(faults);
  const conflicts = log.filter(({ event }) => !truth.mayCount(event));
  const wanted = new Set(conflicts.map(({ place }) => place));
  const logged = new Set(conflicts.map(({ event }) => event));
  const lost = new Set([...truth.ackedConflicts].filter((event) => !logged.has(event)));
  note('conflict acked, not in the log', [...lost]);
  let [doubled, unequal] = [0, 0];
  for (const [where, rows] of Object.entries(held) as [keyof SetAsides, readonly SetAside[]][]) {
    const places = rows.map(({ place }) => place);
    const missing = [...wanted].filter((place) => !places.includes(place));
    note(`conflict not set aside: ${where}`, missing).forEach((place) => lost.add(place));
    const repeated = places.filter((place, at) => places.indexOf(place) !== at);
    if (ONCE.has(where)) doubled += note(`set aside twice: ${where}`, repeated).length;
    const wrong = rows.filter(({ place, reason }) => !wanted.has(place) || reason !== REASON);
    unequal += note(`set aside, and no conflict: ${where}`, wrong.map(shown)).length;
  }
  return { lost: lost.size, doubled, unequal, faults, setAside: wanted.size };
}

const shown = ({ place, reason }: SetAside): string => `${place} (${reason})`;
