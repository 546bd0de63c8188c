import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isLong } from '../api/changes';
import { ApiProblem, mayPass } from '../api/problem';
import { sessionQuery } from '../api/session';

const ANSWER_FRESH_MS = 5_000;
const MOST_RETRIES = 2;

/** Answers the API gave; one 401 ends the session here too, and the sign-in page comes up. */
export const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: endSession }),
  mutationCache: new MutationCache({ onError: endSession }),
  defaultOptions: {
    queries: {
      staleTime: ({ state }) => (isLong(state.data) ? Infinity : ANSWER_FRESH_MS),
      retry: (count, error) => count < MOST_RETRIES && mayPass(error),
    },
  },
});

function endSession(error: Error): void {
  if (!(error instanceof ApiProblem) || error.status !== 401) return;
  if (client.getQueryData(sessionQuery.queryKey)) forget(client);
}

/** The sign-in page comes up. Nothing of one project may be seen by who signs in next. */
export function forget(of: QueryClient): void {
  of.setQueryData(sessionQuery.queryKey, null);
  of.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
}
