import type { TierLimit } from '@tallyward/contracts';
import { EVERY_GROUP, type Unit } from '@tallyward/domain';
import type { ListedVersion } from '../../api/tiers';
import { limitId } from '../../ui/words';

/** One rung: what one limit is in each of the tiers, in their order; null: unlimited there. */
export interface Rung {
  readonly id: string;
  readonly limit: TierLimit;
  readonly cells: readonly (TierLimit | null)[];
  /** Whether the group is switched off there, by whichever limit. */
  readonly off: readonly boolean[];
}

/** The version that speaks for each tier, and the rungs of one unit. */
export interface Ladder {
  readonly tiers: readonly ListedVersion[];
  readonly rungs: readonly Rung[];
  /** The largest amount on it, for the scale. */
  readonly most: number;
}

/** The version that most customers have; where nobody has any, the newest. */
export function speaking(versions: readonly ListedVersion[]): ListedVersion[] {
  const byName = new Map<string, ListedVersion>();
  for (const version of versions) {
    const best = byName.get(version.name);
    if (!best || rank(version, best) > 0) byName.set(version.name, version);
  }
  return [...byName.values()].sort((a, b) => generosity(a) - generosity(b));
}

function rank(one: ListedVersion, other: ListedVersion): number {
  const customers = (one.customers ?? 0) - (other.customers ?? 0);
  return customers !== 0 ? customers : one.version - other.version;
}

/** Orders tiers from the least to the most: what their limits give, on the scale of a ladder. */
function generosity({ limits }: ListedVersion): number {
  return limits.reduce((sum, { amount }) => sum + Math.log10(amount + 1), 0);
}

const switchesOff = ({ amount, onLimit, modelGroup }: TierLimit, group: string): boolean =>
  amount === 0 && onLimit === 'block' && (modelGroup === group || modelGroup === EVERY_GROUP);

export function ladderOf(versions: readonly ListedVersion[], unit: Unit): Ladder {
  const tiers = speaking(versions);
  const named = new Map<string, TierLimit>();
  for (const { limits } of tiers) {
    for (const limit of limits) if (limit.unit === unit) named.set(limitId(limit), limit);
  }
  const rungs = [...named].map(([id, limit]) => ({
    id,
    limit,
    cells: tiers.map(({ limits }) => limits.find((other) => limitId(other) === id) ?? null),
    off: tiers.map(({ limits }) => limits.some((other) => switchesOff(other, limit.modelGroup))),
  }));
  const amounts = rungs.flatMap(({ cells }) => cells.map((cell) => cell?.amount ?? 0));
  return { tiers, rungs, most: Math.max(1, ...amounts) };
}

/** How long a bar is, 0 … 1: each tenfold is as much longer. */
export function share(amount: number, most: number): number {
  return amount <= 0 ? 0 : Math.log10(amount + 1) / Math.log10(most + 1);
}

/** Units that any limit counts, in the order of the API. */
export function unitsUsed(versions: readonly ListedVersion[], units: readonly Unit[]): Unit[] {
  const used = new Set(versions.flatMap(({ limits }) => limits.map(({ unit }) => unit)));
  return units.filter((unit) => used.has(unit));
}
