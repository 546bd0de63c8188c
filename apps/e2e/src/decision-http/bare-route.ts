import { ADMISSIONS_IN_FLIGHT, BareRedis, BareRowLock } from '@tallyward/testing';
import fastify from 'fastify';
import { ALLOWED } from './constant-answer';

/**
 * How a bare route keeps limits, where, and how many units each customer may have; a constant keeps
 * none.
 */
export type BareTask =
  | { readonly how: 'constant' }
  | { readonly how: 'reserve' | 'readThenCharge'; readonly port: number; readonly amount: number }
  | { readonly how: 'rowLock'; readonly postgres: string };

type Reserving = (customer: string) => Promise<boolean>;

async function reserving(task: BareTask): Promise<Reserving> {
  if (task.how === 'constant') return () => Promise.resolve(true);
  if (task.how === 'rowLock') {
    const rows = BareRowLock.connect(task.postgres, ADMISSIONS_IN_FLIGHT);
    return (customer) => rows.reserve(customer, 1);
  }
  const { how, port, amount } = task;
  const redis = await BareRedis.connect(port);
  return (customer) => redis[how](customer, 1, amount);
}

const REFUSED = { ...ALLOWED, outcome: 'block', reason: 'used-up', holdId: null, expiresAt: null };

/** A process of its own: the route of decisions, with a reserve behind it at most. */
async function serve(task: BareTask): Promise<string> {
  const reserve = await reserving(task);
  const app = fastify();
  app.post<{ Body: { customer: string } }>('/v1/decisions', async ({ body }) =>
    (await reserve(body.customer)) ? ALLOWED : REFUSED,
  );
  return app.listen({ port: 0, host: '127.0.0.1' });
}

process.once('message', (task) => {
  serve(task as BareTask).then(
    (url) => process.send?.(url),
    (error: unknown) => {
      throw error;
    },
  );
});
process.on('disconnect', () => process.exit(0));
