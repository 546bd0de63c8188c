import { Fleet, type MemberName } from './chaos/fleet';
import { Row } from './chaos/row';
import { START_WITHIN_MS } from './stack.builder';

/** The fixed seed of `npm test`: `npm run chaos` goes on with others, and through every point. */
const SEED = 4;
const ROW_WITHIN_MS = 180_000;

/** What no service's own spec reaches, each in one life of the process. */
const DEATHS: Partial<Record<MemberName, readonly string[]>> = {
  'gateway-1': ['gateway.before-append', 'gateway.after-append#4'],
  entitlement: ['catalog.after-audit', 'catalog.after-commit', 'outbox.after-publish'],
  aggregator: ['warehouse.after-insert', 'warehouse.after-finishing-insert'],
};

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.start(() => undefined, []);
}, START_WITHIN_MS);
afterAll(() => fleet?.close());

describe('kill -9 of every service, at the points between its effects', () => {
  it(
    'loses nothing that was acked, doubles nothing, and leaves one story of every change',
    async () => {
      const row = await Row.carryOut({ fleet, seed: SEED, name: 'kill-9' }, killed, [
        'model',
        'key',
      ]);
      const { lost, doubled, unequal, faults } = row;
      expect({ lost, doubled, unequal, faults }).toEqual({
        lost: 0,
        doubled: 0,
        unequal: 0,
        faults: [],
      });
      expect(row.acked).toBeGreaterThan(0);
    },
    ROW_WITHIN_MS,
  );
});

async function killed(row: Row): Promise<void> {
  row.start();
  const doomed = Object.entries(DEATHS) as [MemberName, readonly string[]][];
  await Promise.all(
    doomed.map(async ([name, points]) => {
      const member = fleet.member(name);
      member.trap.set(points);
      await member.trap.sprung(points.length);
      await member.back();
      expect(member.trap.deaths()).toEqual(points.map((point) => point.replace(/#\d+$/, '')));
    }),
  );
}
