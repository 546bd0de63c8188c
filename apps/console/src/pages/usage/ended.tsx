import { useEffect } from 'react';
import { ApiProblem } from '../../api/problem';
import { Empty } from '../../ui/states/empty';
import { dropToken } from './customer-token';

/** Whether a token was refused: it has ended, its key was deleted, or it is none. */
export const isOver = (error: Error | null): boolean =>
  error instanceof ApiProblem && error.status === 401;

/** Nothing can be shown with the token that was given, which is forgotten; or there is none. */
export function Ended() {
  useEffect(dropToken, []);
  return (
    <Empty
      title="This page needs a fresh link"
      next="Links to it are good for a day at most. Open it again from the product that you came from."
    />
  );
}
