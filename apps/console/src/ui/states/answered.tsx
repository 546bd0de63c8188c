import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiProblem } from '../../api/problem';
import { Failed } from './failed';
import { Loading } from './loading';
import { NoPermission } from './no-permission';
import { Stale } from './stale';

interface AnsweredProps<T> {
  /** What is asked for, as a person would call it. */
  readonly what: string;
  readonly query: Pick<UseQueryResult<T, Error>, 'data' | 'error' | 'refetch' | 'dataUpdatedAt'>;
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
  const { data, error, dataUpdatedAt } = query;
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
