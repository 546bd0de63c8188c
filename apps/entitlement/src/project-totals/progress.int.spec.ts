import { testbed, until, type Testbed } from '@tallyward/testing';
import { adminOf, entitlementOn, type EntitlementUnderTest } from '../entitlement.builder';
import { stream, UsageLog } from './usage-log.builder';

describe('how far the totals are', () => {
  let bed: Testbed;
  let usage: UsageLog;
  let service: EntitlementUnderTest;

  beforeAll(async () => {
    bed = await testbed();
    service = await entitlementOn(bed);
    usage = await UsageLog.open(bed);
  });

  afterAll(async () => {
    await service?.close();
    await usage?.close();
    await bed?.close();
  });

  interface Progress {
    readonly topic: string;
    readonly partitions: { partition: number; next: string; reachedMs: number | null }[];
  }

  it('is told to the services, and to nobody else', async () => {
    await usage.append(stream('p', 100));
    const ends = await usage.ends();
    const told = await until(
      async () => {
        const { body } = await service.ask('GET /internal/progress', { as: adminOf('demo') });
        const progress = body as unknown as Progress;
        const isThere = progress.partitions.every(
          ({ partition, next }) => BigInt(next) === ends.get(partition),
        );
        return isThere ? progress : undefined;
      },
      { what: 'the progress to show the end of the log' },
    );
    expect(told.topic).toBe('usage.events.v1');
    expect(told.partitions).toHaveLength(12);
    const folded = told.partitions.filter(({ next }) => next !== '0');
    expect(folded.every(({ reachedMs }) => (reachedMs ?? 0) > Date.now() - 60_000)).toBe(true);
    expect((await fetch(`${service.address}/internal/progress`)).status).toBe(401);
  });

  it('a fold that follows counts among what is ready', async () => {
    const answer = await until(
      async () => {
        const response = await fetch(`${service.address}/readyz`);
        return response.ok ? ((await response.json()) as { info: object }) : undefined;
      },
      { what: 'the service to be ready' },
    );
    expect(answer.info).toMatchObject({ 'totals-fold': { status: 'up' } });
  });
});
