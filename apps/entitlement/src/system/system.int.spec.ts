import { customersWorld, type CustomersWorld } from '../customers/customers-world.builder';

let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

let made = 0;
const setAside = (project: string | null, age: string) =>
  world.dataSource.query(
    `INSERT INTO entitlement.quarantine
       (topic, partition, "offset", project, key, reason, detail, at, content)
     VALUES ('t', 0, $1, $2, null, 'not-json', '', now() - $3::interval, '')`,
    [++made, project, age],
  );

describe('what the gateway asks of the system', () => {
  it('is how many entries of the caller’s project were set aside in the last 24 hours', async () => {
    const [mine, theirs] = [await world.own(), await world.own()];
    const lately = async (ask: typeof mine.ask) =>
      (await ask('GET /internal/quarantined')).body['last24h'];
    expect(await lately(mine.ask)).toBe(0);
    await setAside(mine.project, '23 hours');
    await setAside(mine.project, '1 minute');
    await setAside(mine.project, '25 hours');
    await setAside(theirs.project, '1 minute');
    await setAside(null, '1 minute');
    expect(await lately(mine.ask)).toBe(2);
    expect(await lately(theirs.ask)).toBe(1);
  });

  it('is how far the totals are behind the log', async () => {
    const { ask } = await world.own();
    expect((await ask('GET /internal/folds')).body).toEqual({
      folds: [{ name: 'totals', folded: 0, behind: 0, lagSeconds: 0 }],
    });
  });
});
