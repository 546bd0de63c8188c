import type { Chance } from './chance';
import type { World } from './world';

/** An append lands, and its gateway may hear of it. */
export function land(world: World, chance: Chance): void {
  const flight = chance.of(world.log.flights.slice(0, 4));
  if (!flight || world.log.isOut) return;
  const { entry, gateway, isUnknown } = flight;
  world.log.land(flight);
  if (gateway.isDead || isUnknown) return;
  const what = { kind: 'acked', settled: entry } as const;
  world.network.send({ to: world.slotOf(gateway.id), what });
}

export function fold(world: World, chance: Chance): void {
  for (let n = chance.between(1, 6); n > 0; n--) foldOne(world);
}

/** False: there is nothing to fold. */
export function foldOne(world: World): boolean {
  const entry = world.log.entries[world.log.foldedTo];
  if (!entry || world.log.isOut) return false;
  world.log.foldedTo += 1;
  const folded = world.postgres.fold(entry);
  if (!folded) return true;
  if (folded.isLate) world.reach('late settlement');
  for (const owner of folded.owners) {
    const slot = world.slotOf(owner);
    if (slot >= 0) world.network.send({ to: slot, what: { kind: 'settled', settled: entry } });
  }
  return true;
}

export function logOut(world: World): void {
  const { log } = world;
  log.isOut = !log.isOut;
  if (log.isOut) world.reach('outage of the log');
  else log.backAt = world.now;
}

/** PROTOCOL 16: totals come from the log alone, and leases from themselves. */
export function rebuild(world: World): void {
  world.reach('rebuild');
  const { postgres, log } = world;
  const used = new Map<string, number>();
  const seen = new Set<string>();
  for (const entry of log.entries.slice(0, log.foldedTo)) {
    if (seen.has(entry.hold)) continue;
    seen.add(entry.hold);
    for (const [limit, actual] of entry.used) {
      const { id } = postgres.counter(limit, entry.admittedAt);
      used.set(id, (used.get(id) ?? 0) + actual);
    }
  }
  for (const counter of postgres.counters.values()) {
    let leased = 0;
    for (const lease of postgres.open.values()) {
      if (lease.counter === counter.id) leased += lease.granted - lease.returned - lease.settled;
    }
    if (counter.used !== (used.get(counter.id) ?? 0)) world.wrong = `${counter.id}: used is off`;
    if (counter.leased !== leased) world.wrong = `${counter.id}: leased is off`;
  }
}
