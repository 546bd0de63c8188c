import { Fleet, type MemberName } from './chaos/fleet';
import { appendOldIds } from './chaos/old-ids';
import { Row } from './chaos/row';
import { appendStaleSnapshot } from './chaos/scenarios/at-points';
import { DEATHS_AT_REST, SERVICE_DEATHS } from './crash-points/deaths.builder';
import { START_WITHIN_MS } from './stack.builder';

/** The fixed seed of `npm test`: `npm run chaos` goes on with others, and through every point. */
const SEED = 4;
const ROW_WITHIN_MS = 400_000;

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
        ...['model', 'key', 'project'],
      ] as const);
      const { lost, doubled, unequal, faults } = row;
      expect({ lost, doubled, unequal, faults }).toEqual({
        lost: 0,
        doubled: 0,
        unequal: 0,
        faults: [],
      });
      expect(row.acked).toBeGreaterThan(0);
      expect(row.setAside).toBeGreaterThan(0);
    },
    ROW_WITHIN_MS,
  );
});

/** One stream through all deaths. */
async function killed(row: Row): Promise<void> {
  await diesAt('entitlement', DEATHS_AT_REST, async (point) => {
    if (point === 'catalog.after-republish') await appendStaleSnapshot(fleet);
  });
  await appendOldIds(row);
  row.start();
  const doomed = Object.entries(SERVICE_DEATHS) as [MemberName, readonly string[]][];
  await Promise.all(doomed.map(([name, points]) => diesAt(name, points)));
}

async function diesAt(
  name: MemberName,
  points: readonly string[],
  before?: (point: string) => Promise<void>,
): Promise<void> {
  const member = fleet.member(name);
  await member.diesAt(points, before);
  expect(member.trap.deaths()).toEqual(points.map((point) => point.replace(/#\d+$/, '')));
  member.trap.clear();
}
