import { Button, Center } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/every-page';
import { Answered } from './states/answered';

interface PagedProps<T> {
  /** What is listed, as a person would call it. */
  readonly what: string;
  readonly query: UseInfiniteQueryResult<InfiniteData<Page<T>>, Error>;
  readonly scope?: string;
  /** Stands there when the list has no rows. */
  readonly empty: ReactNode;
  readonly children: (rows: readonly T[]) => ReactNode;
}

/** A list with all the pages asked for so far, and a button for the next one. */
export function Paged<T>({ what, query, scope, empty, children }: PagedProps<T>) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return (
    <Answered what={what} query={query} scope={scope}>
      {({ pages }) => {
        const rows = pages.flatMap(({ data }) => data);
        if (rows.length === 0) return empty;
        return (
          <>
            {children(rows)}
            {hasNextPage && (
              <Center>
                <Button
                  variant="default"
                  loading={isFetchingNextPage}
                  onClick={() => void fetchNextPage()}
                >
                  More {what}
                </Button>
              </Center>
            )}
          </>
        );
      }}
    </Answered>
  );
}
