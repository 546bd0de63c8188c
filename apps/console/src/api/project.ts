import type { MODEL_GROUPS, Settings, TierVersion } from '@tallyward/contracts';
import { EVERY_GROUP } from '@tallyward/domain';
import { queryOptions } from '@tanstack/react-query';
import { call } from './call';

/** The groups every project starts with; the type says when the contract's list has changed. */
const STARTING_GROUPS: typeof MODEL_GROUPS = ['standard', 'premium', 'super-premium', 'reasoning'];

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call<Settings>('/v1/settings', { signal }),
  meta: { changesWith: ['settings'] },
});

/**
 * The groups a limit can be about: the API reads one group by its name and lists none, so those
 * every project has, and those that tiers already name.
 */
export function groupsOf(versions: readonly Pick<TierVersion, 'limits'>[]): string[] {
  const named = versions.flatMap(({ limits }) =>
    limits.flatMap(({ modelGroup, restrictTo }) => [modelGroup, restrictTo ?? EVERY_GROUP]),
  );
  return [...new Set([...STARTING_GROUPS, ...named])].filter((group) => group !== EVERY_GROUP);
}

export function changeSettings(
  change: Partial<Settings> & { reason: string | null },
): Promise<Settings> {
  return call('/v1/settings', { method: 'PUT', body: change });
}
