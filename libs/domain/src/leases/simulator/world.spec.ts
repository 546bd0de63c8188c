import { reclaimableFrom } from '../ledger';
import { ask } from './call-steps';
import { Chance } from './chance';
import { deliver, reclaim } from './entitlement-steps';
import { foldOne, rebuild } from './log-steps';
import { namedParts } from './log';
import { type Setting, settingOf, TOKENS } from './setting';
import { World } from './world';

/** Nothing gets lost, and both instances are as far off as they come. */
function quietWorld(): World {
  const quiet: Setting = {
    ...settingOf(1),
    odds: {
      elsewhere: 0,
      lazy: 0,
      aboveHold: 0,
      whole: 1,
      otherUser: 0,
      lost: 0,
      repeated: 0,
      stalePlan: 0,
      crashedBeforeAnswer: 0,
    },
  };
  const world = new World(quiet, new Chance(1));
  Object.assign(world, {
    entitlements: [-3_000, 3_000].map((skewMs) => ({ skewMs, plans: [] })),
  });
  return world;
}

const leased = (world: World) => {
  for (const [slot, gateway] of world.gateways.entries()) {
    ask(world, gateway, [{ limit: TOKENS, amount: 1 }], 4_000, null, new Chance(slot));
    deliver(world, new Chance(slot));
  }
  return [...world.postgres.open.values()];
};

it("deadlines are Postgres' whichever of two instances 3 s apart writes and compares them", () => {
  const world = quietWorld();
  const leases = leased(world);
  expect(leases.map(({ issuedAt }) => issuedAt)).toEqual(leases.map(() => world.now));
  const latest = Math.max(...leases.map((lease) => reclaimableFrom(lease, 0)));
  const first = Math.min(...leases.map((lease) => reclaimableFrom(lease, 0)));
  world.passes(first - world.now - 1);
  reclaim(world);
  reclaim(world);
  expect(world.postgres.open.size).toBe(leases.length);
  world.passes(latest - world.now);
  reclaim(world);
  reclaim(world);
  expect(world.postgres.open.size).toBe(0);
});

it('a rebuild folds use from the log and leaves every lease as it was', () => {
  const world = quietWorld();
  leased(world);
  deliver(world, new Chance(1));
  const [gateway] = world.gateways;
  for (const one of world.gateways) {
    const taken = one.hold(`by ${one.id}`, [{ limit: TOKENS, amount: 1 }], 1_000);
    if (taken.kind !== 'held') continue;
    const { id: hold, admittedAt } = taken.hold;
    const used = new Map([[TOKENS, 1]]);
    world.log.entries.push({
      hold,
      admittedAt,
      by: gateway?.id ?? '',
      used,
      parts: namedParts(taken.hold),
      isTimely: true,
    });
    foldOne(world);
  }
  const before = [...world.postgres.open.values()].map((lease) => ({ ...lease }));
  expect(before.some(({ settled }) => settled === 1)).toBe(true);
  rebuild(world);
  expect(world.wrong).toBeNull();
  expect([...world.postgres.open.values()]).toEqual(before);
});
