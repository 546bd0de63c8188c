import { isConnectionLoss, openPostgres } from '@tallyward/platform';
import { testbed, type Testbed } from '../testbed/testbed';
import { SilentPipe } from './silent-pipe.builder';

const STATEMENT_MS = 400;
const GRACE_MS = 400;

describe('a Postgres that has fallen silent', () => {
  let bed: Testbed;
  let pipe: SilentPipe;
  beforeAll(async () => {
    bed = await testbed();
    pipe = await SilentPipe.before(bed.postgres.entitlement);
  });
  afterAll(async () => {
    await pipe?.close();
    await bed?.close();
  });

  it('costs a transaction its deadline once, and its connection is not used again', async () => {
    const dataSource = await openPostgres({
      url: pipe.address,
      schema: 'entitlement',
      entities: [],
      migrations: [],
      applicationName: 'spec',
      poolSize: 2,
      statementTimeoutMs: STATEMENT_MS,
      queryGraceMs: GRACE_MS,
    });
    try {
      const began = performance.now();
      const hung = dataSource.transaction(async (manager) => {
        await manager.query('SELECT 1');
        pipe.blackHole();
        await manager.query('SELECT 2');
      });
      const error: unknown = await hung.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(isConnectionLoss(error)).toBe(true);
      // The rollback does not wait for a second deadline on the dead connection.
      expect(performance.now() - began).toBeLessThan(2 * (STATEMENT_MS + GRACE_MS));
      pipe.heal();
      // As many as the pool holds: a dead one would be handed out again.
      const answers = [1, 2].map(() => dataSource.query('SELECT pg_sleep(0.1), 3 AS n'));
      for (const [row] of await Promise.all(answers)) expect(row).toMatchObject({ n: 3 });
    } finally {
      await dataSource.destroy();
    }
  });
});
