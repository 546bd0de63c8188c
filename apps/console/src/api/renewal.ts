import type { Query, QueryClient } from '@tanstack/react-query';
import { mayPass } from './problem';

type Which = (query: Query) => boolean;

/**
 * Asks again for what is on show. An answer under way may be from before the change: it is let
 * come, for changes that follow faster than answers would else keep every one of them away, and
 * is asked for once more after it.
 */
export class Renewal {
  private readonly owed = new Set<string>();

  constructor(private readonly client: QueryClient) {}

  ask(which: Which): void {
    const cache = this.client.getQueryCache();
    for (const query of cache.findAll({ predicate: which, type: 'active' })) {
      if (query.state.fetchStatus !== 'idle') this.owed.add(query.queryHash);
    }
    this.renew(which);
  }

  /** Until the returned function is called, what is owed is asked for as answers come. */
  start(): () => void {
    return this.client.getQueryCache().subscribe((told) => {
      const { type, query } = told;
      if (type !== 'removed' && query.state.fetchStatus !== 'idle') return;
      if (!this.owed.delete(query.queryHash) || type === 'removed') return;
      this.renew((one) => one === query);
    });
  }

  private renew(predicate: Which): void {
    void this.client.invalidateQueries({ predicate }, { cancelRefetch: false });
  }
}

/** Whether its last try failed and the next may not: no change will tell of that. */
export function mayRecover({ state }: Query): boolean {
  return mayPass(state.error);
}
