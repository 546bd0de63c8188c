import type { MODEL_GROUPS, Settings } from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call } from './call';
import { everyPage } from './every-page';

/** The groups every project starts with; the type says when the contract's list has changed. */
export const STARTING_GROUPS: typeof MODEL_GROUPS = [
  'standard',
  'premium',
  'super-premium',
  'reasoning',
];

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call<Settings>('/v1/settings', { signal }),
  meta: { changesWith: ['settings'] },
});

export interface ModelGroup {
  readonly group: string;
  /** What a reroute into the group calls; null: it has no models. */
  readonly defaultModel: string | null;
  readonly defaultModelChosen: boolean;
  readonly models: readonly string[];
}

/** A project has at most so many. */
const MOST_GROUPS = 200;

export const modelGroupsQuery = queryOptions({
  queryKey: ['model-groups'],
  queryFn: async ({ signal }) =>
    inOrder(await everyPage<ModelGroup>('/v1/model-groups', { signal }, MOST_GROUPS)),
  meta: { changesWith: ['models'] },
});

/** Those that every project starts with first, from the plainest to the dearest. */
export function inOrder(groups: readonly ModelGroup[]): ModelGroup[] {
  const place = ({ group }: ModelGroup): number => {
    const at = STARTING_GROUPS.findIndex((name) => name === group);
    return at < 0 ? STARTING_GROUPS.length : at;
  };
  return groups.toSorted((one, other) => place(one) - place(other));
}

export function changeSettings(
  change: Partial<Settings> & { reason: string | null },
): Promise<Settings> {
  return call('/v1/settings', { method: 'PUT', body: change });
}
