import type { LeaseReturn } from '../lease';
import { isSpent } from '../lease-in-hand';
import type { Chance } from './chance';
import { retryCalls } from './call-steps';
import type { SimulatedGateway } from './gateway';
import { isRunning } from './known-hold';
import type { ToGateway } from './network';
import { releaseAt, usedOf } from './settle-steps';
import type { World } from './world';

export function repeatAsks(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  for (const due of gateway?.book.asks.due(gateway.clocks) ?? []) {
    world.network.send({ to: 'entitlement', ask: due });
  }
}

export function sweep(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (gateway) giveBack(world, gateway.book.sweep(gateway.clocks));
}

export function arrive(
  world: World,
  chance: Chance,
  gateway: SimulatedGateway,
  what: ToGateway,
): void {
  const { book, clocks } = gateway;
  switch (what.kind) {
    case 'answer':
      giveBack(world, book.answered(what.ask, what.answer, clocks) ?? []);
      return retryCalls(world, chance, gateway);
    case 'recall':
      return giveBack(world, book.recalled(what.leases));
    case 'freed':
      return book.freed(what.limits);
    case 'tier':
      return giveBack(world, book.giveUp(what.limits));
    case 'release':
      return releaseAt(world, gateway, what.hold);
    case 'settled':
      book.holds.settledElsewhere(what.settled.hold, usedOf(what.settled));
      break;
    case 'acked':
      book.holds.appended(what.settled.hold, 'acked', usedOf(what.settled));
  }
  const known = world.holds.get(what.settled.hold);
  if (known?.owner === gateway) known.isOwnerSure = true;
}

/** PROTOCOL 12: its memory is gone, its leases are reclaimed. */
export function crash(world: World, chance: Chance): void {
  const slot = chance.between(0, world.gateways.length - 1);
  const gateway = world.gateways[slot];
  const isHolding = [...world.holds.values()].some(
    (known) => known.owner === gateway && !known.entry && isRunning(known, world.now),
  );
  if (isHolding) world.reach('crash with open holds');
  world.start(slot, chance);
}

/** A graceful stop gives back what is not held. */
export function stop(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (!gateway) return;
  giveBack(world, gateway.book.giveUp('all'));
  world.start(world.slotOf(gateway.id), chance);
}

export function suspend(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (gateway?.machine !== 'suspends') return;
  gateway.isSuspended = true;
  if (hasLease(gateway)) world.reach('suspended with a lease in hand');
}

export function stall(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (gateway) gateway.isStalled = true;
}

export function wake(world: World): void {
  for (const gateway of world.gateways) gateway.isSuspended = gateway.isStalled = false;
}

export function setClock(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (gateway?.machine !== 'has its clock set') return;
  gateway.setWall(chance.between(-10_000, 10_000));
  if (hasLease(gateway)) world.reach('clock set with a lease in hand');
}

function hasLease({ book, clocks }: SimulatedGateway): boolean {
  return [...book.inHand()].some((lease) => !isSpent(lease, clocks));
}

function giveBack(world: World, returns: readonly LeaseReturn[]): void {
  for (const { lease, total } of returns) world.network.send({ to: 'entitlement', lease, total });
}
