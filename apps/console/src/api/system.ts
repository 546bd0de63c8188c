import { queryOptions } from '@tanstack/react-query';
import { call } from './call';

export interface ServiceState {
  readonly name: string;
  readonly state: 'up' | 'degraded' | 'down';
  readonly detail: string | null;
}

/**
 * How far one fold is behind the log. `lagSeconds` null: it can not be told now; the others null:
 * of the whole installation, which another project is not told.
 */
export interface FoldState {
  readonly name: string;
  readonly behind: number | null;
  readonly perSecond: number | null;
  readonly lagSeconds: number | null;
}

/** Nothing behind has no lag; where the count is not told, the lag says it. */
export const hasAll = ({ behind, lagSeconds }: FoldState): boolean => (behind ?? lagSeconds) === 0;

export interface SystemState {
  readonly services: readonly ServiceState[];
  /** `end` null: of the whole installation, which another project is not told. */
  readonly log: { readonly end: number | null; readonly perSecond: number | null };
  readonly folds: readonly FoldState[];
  /** Null: it can not be told now. */
  readonly quarantine: { readonly last24h: number | null };
  readonly asOf: string;
}

const LOOK_EVERY_MS = 5_000;

/** The stream tells nothing of rates and lag: they are looked at while the page is on show. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => call<SystemState>('/v1/system', { signal }),
  refetchInterval: LOOK_EVERY_MS,
});
