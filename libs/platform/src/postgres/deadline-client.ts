import { Client, type ClientConfig } from 'pg';

/** The driver's own words for a query that met its `query_timeout`. */
const GIVEN_UP = 'Query read timeout';

/** The part of the driver's connection that is needed to let go of it. */
type Connection = { readonly stream: { destroy(): void } };

/**
 * Connections of one pool that end with the first query their server does not answer in time. The
 * driver alone gives up the query and keeps the connection: whatever comes after waits behind the
 * answer that never comes, and the pool hands the connection out again, for as long as the network
 * says nothing (behind a forgetful firewall: a quarter of an hour; behind a proxy: for ever). The
 * pool's others that wait for nothing go with it: they lead to the same silence, and each would
 * cost its next user a deadline.
 */
export function deadlineClients(): typeof Client {
  const open = new Set<DeadlineClient>();

  class DeadlineClient extends Client {
    private asked = 0;

    constructor(config?: string | ClientConfig) {
      super(config);
      open.add(this);
      this.once('end', () => open.delete(this));
      const ask = this.query.bind(this) as (...given: unknown[]) => unknown;
      this.query = ((...given: unknown[]) => {
        const answer = ask(...given);
        if (isPromise(answer)) this.await(answer);
        return answer;
      }) as Client['query'];
    }

    private await(answer: PromiseLike<unknown>): void {
      this.asked += 1;
      answer.then(
        () => void (this.asked -= 1),
        (error: unknown) => {
          this.asked -= 1;
          if (!(error instanceof Error) || error.message !== GIVEN_UP) return;
          for (const client of open) if (client.asked === 0) client.letGo();
        },
      );
    }

    private letGo(): void {
      (this as unknown as { connection: Connection }).connection.stream.destroy();
    }
  }

  return DeadlineClient;
}

function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as PromiseLike<unknown> | undefined)?.then === 'function';
}
