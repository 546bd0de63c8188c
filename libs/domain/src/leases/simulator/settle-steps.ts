import type { UsedOf } from '../holds-in-hand';
import type { Chance } from './chance';
import type { SimulatedGateway } from './gateway';
import { isInDeadline, isRunning, type KnownHold } from './known-hold';
import { namedParts, type Settled } from './log';
import { CALLS, TOKENS, USERS } from './setting';
import type { World } from './world';

export function settle(world: World, chance: Chance): void {
  const open = knownHolds(
    world,
    (known) => !known.reported && !known.isLazy && isRunning(known, world.now),
  );
  append(world, chance, chance.of(open));
}

export function settleLate(world: World, chance: Chance): void {
  const late = knownHolds(world, (known) => !known.entry && !isRunning(known, world.now));
  const closed = late.filter(({ hold }) => {
    return hold.parts.some(({ lease }) => world.postgres.closed.has(lease.granted.id));
  });
  append(world, chance, chance.of(closed.length > 0 ? closed : late));
}

export function settleAgain(world: World, chance: Chance): void {
  append(world, chance, chance.of(knownHolds(world, ({ reported }) => reported !== null)));
}

export function release(world: World, chance: Chance): void {
  const known = chance.of(knownHolds(world, ({ isReleased }) => !isReleased));
  if (!known || known.owner.isDead) return;
  const atOwner = chance.happens(0.7) && known.owner.isAwake;
  if (atOwner) return releaseAt(world, known.owner, known.hold.id);
  const what = { kind: 'release', hold: known.hold.id } as const;
  world.network.send({ to: world.slotOf(known.owner.id), what });
}

export function releaseAt(world: World, gateway: SimulatedGateway, id: string): void {
  const known = world.holds.get(id);
  if (gateway.book.holds.release(id, gateway.clocks) !== 'released' || !known) return;
  // Released in spite of what is or may be in the log, or after its deadline, it still counts.
  if (known.isReleased || known.appendsAtOwner > 0 || !isInDeadline(known, world.now)) return;
  world.reach('release');
  known.isReleased = true;
}

/** Nobody waits for the answer of an append any more, or it is known to have failed. */
export function timeout(world: World, chance: Chance): void {
  const flight = chance.of(world.log.flights.filter(({ isUnknown }) => !isUnknown));
  if (!flight || flight.gateway.isDead || !flight.gateway.isAwake) return;
  const { entry, gateway, known } = flight;
  const hasFailed = chance.happens(0.2);
  gateway.book.holds.appended(entry.hold, hasFailed ? 'failed' : 'unknown', usedOf(entry));
  if (hasFailed) {
    if (gateway === known.owner) known.appendsAtOwner -= 1;
    return world.log.drop(flight);
  }
  world.reach('unknown append');
  flight.isUnknown = true;
  if (gateway === known.owner) known.isOwnerSure = true;
  if (chance.happens(0.4)) world.log.drop(flight);
}

export function usedOf({ used }: Settled): UsedOf {
  return ({ name }) => used.get(name) ?? 0;
}

function knownHolds(world: World, which: (known: KnownHold) => boolean): KnownHold[] {
  return [...world.holds.values()].filter((known) => known.isAnswered && which(known));
}

function append(world: World, chance: Chance, known: KnownHold | undefined): void {
  const elsewhere = chance.happens(world.setting.odds.elsewhere);
  const { owner } = known ?? {};
  const gateway = elsewhere || !owner || owner.isDead ? world.anyAwake(chance) : owner;
  if (!known || !gateway?.isAwake) return;
  const used = reportOf(world, chance, known);
  const { id, admittedAt } = known.hold;
  const parts = namedParts(known.hold);
  const entry = { hold: id, admittedAt, by: gateway.id, used, parts };
  const beganInTime = isInDeadline(known, world.now) && !known.entry;
  gateway.book.holds.settling(id, gateway.clocks);
  const flight = { entry, known, gateway, beganInTime, ageMs: 0, isUnknown: false };
  world.log.flights.push(flight);
  known.flights = [...known.flights, flight];
  if (gateway === known.owner) known.appendsAtOwner += 1;
  else world.reach('settlement elsewhere');
}

/**
 * Two different settlements in flight at once are past what PROTOCOL promises: something else than
 * before is reported only once the owner knows what came of its own.
 */
function reportOf(world: World, chance: Chance, known: KnownHold): ReadonlyMap<string, number> {
  const mayDiffer = known.owner.isDead || known.isOwnerSure;
  if (known.reported && !(mayDiffer && chance.happens(0.5))) return known.reported;
  if (known.reported) world.reach('settlement repeated with other content');
  const { aboveHold, whole, otherUser } = world.setting.odds;
  const isAbove = chance.happens(aboveHold);
  if (isAbove) world.reach('settlement above its hold');
  const isWhole = !known.reported && chance.happens(whole);
  const share = isAbove ? 1.5 : isWhole ? 1 : chance.next();
  const isOther = chance.happens(otherUser);
  const used = new Map(
    known.claims.map(({ limit, amount }) => {
      if (limit === TOKENS) return [limit, Math.ceil(amount * share)];
      const other = USERS.find((user) => user !== limit && limit !== CALLS);
      return [isOther && other ? other : limit, amount];
    }),
  );
  known.reported ??= used;
  return used;
}
