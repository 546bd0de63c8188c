import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ApiProblem } from '../../api/problem';
import { Failed } from './failed';
import { Loading } from './loading';
import { NoPermission } from './no-permission';
import { Stale } from './stale';

type Asked<T> = Pick<
  UseQueryResult<T, Error>,
  'data' | 'error' | 'refetch' | 'dataUpdatedAt' | 'errorUpdateCount'
>;

interface AnsweredProps<T> {
  /** What is asked for, as a person would call it. */
  readonly what: string;
  readonly query: Asked<T>;
  /** Which scope a key needs for it. */
  readonly scope?: string;
  readonly children: (data: T) => ReactNode;
}

/** The notice stands above what it is about, also where that is a cell of a grid. */
const WITH_NOTICE = {
  ...{ display: 'grid', gap: 12, alignContent: 'start' },
  gridTemplateColumns: 'minmax(0, 1fr)',
} as const;
/** The same element, or what is typed below it would be lost when the notice comes. */
const PLAIN = { display: 'contents' } as const;

/** Shows an answer, or the state that stands for it: loading, failed, stale, not permitted. */
export function Answered<T>({ what, query, scope = 'admin', children }: AnsweredProps<T>) {
  const { data, dataUpdatedAt } = query;
  const error = useFailure(query);
  const retry = (): void => void query.refetch();
  if (error instanceof ApiProblem && error.status === 403) {
    return <NoPermission what={what} scope={scope} />;
  }
  if (data === undefined) {
    return error ? <Failed error={error} retry={retry} /> : <Loading what={what} />;
  }
  return (
    <div style={error ? WITH_NOTICE : PLAIN}>
      {error && <Stale what={what} since={dataUpdatedAt} error={error} retry={retry} />}
      {children(data)}
    </div>
  );
}

/** The last try's failure; where nothing was answered yet, until something is. */
function useFailure({ data, error, errorUpdateCount }: Asked<unknown>): Error | null {
  const [last, setLast] = useState(error);
  if (error && error !== last) setLast(error);
  return data === undefined && errorUpdateCount > 0 ? (error ?? last) : error;
}
