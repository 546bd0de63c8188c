import type { Settings } from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call } from './call';
import { everyPage } from './every-page';

export interface ModelGroup {
  readonly group: string;
  readonly defaultModel: string | null;
  readonly defaultModelChosen: boolean;
  readonly models: readonly string[];
}

const MOST_GROUPS = 200;

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call<Settings>('/v1/settings', { signal }),
  meta: { changesWith: ['settings'] },
});

export const modelGroupsQuery = queryOptions({
  queryKey: ['model-groups'],
  queryFn: ({ signal }) => everyPage<ModelGroup>('/v1/model-groups', { signal }, MOST_GROUPS),
  meta: { changesWith: ['models'] },
});

export function changeSettings(
  change: Partial<Settings> & { reason: string | null },
): Promise<Settings> {
  return call('/v1/settings', { method: 'PUT', body: change });
}
