import { Closings } from './chaos/closings';
import { Fleet } from './chaos/fleet';
import { CLOSER_DEATHS } from './crash-points/deaths.builder';
import { START_WITHIN_MS } from './stack.builder';

const DIES_WITHIN_MS = 400_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.start(() => undefined, []);
}, START_WITHIN_MS);
afterAll(() => fleet?.close());

describe('kill -9 of the aggregator, between any two effects of closing', () => {
  it(
    'tells every call once, each line’s deltas summing to what it was told last',
    async () => {
      const closings = await Closings.start({ fleet, key: 'crashes' });
      const aggregator = fleet.member('aggregator');
      await aggregator.diesAt(CLOSER_DEATHS);
      expect(aggregator.trap.deaths()).toEqual(CLOSER_DEATHS);
      aggregator.trap.clear();
      await closings.finish();
      await closings.taken();
      expect(await closings.faults()).toEqual([]);
    },
    DIES_WITHIN_MS,
  );
});
