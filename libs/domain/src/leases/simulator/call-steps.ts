import type { HoldAnswer, Need } from '../hold';
import type { Chance } from './chance';
import type { SimulatedGateway, WaitingCall } from './gateway';
import { knownHold } from './known-hold';
import { CALLS, TOKENS, USERS } from './setting';
import type { World } from './world';

const MOST_TOKENS = 40;
/** Calls that wait for an ask of their gateway, at most. */
const MAX_WAITING = 10;
/** An answer may be so late by a slow clock. */
const LATE_ANSWER_MS = 500;

/** A call arrives somewhere. Its answer is a step of its own: the process may stop between. */
export function call(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  if (!gateway) return;
  const needs: Need[] = [
    { limit: CALLS, amount: 1 },
    { limit: TOKENS, amount: chance.between(1, MOST_TOKENS) },
    { limit: chance.of(USERS) as string, amount: 1 },
  ];
  const waiting = { needs, ttlMs: chance.of(world.setting.holdsMs) as number };
  if (tryCall(world, chance, gateway, waiting) !== 'short') return;
  if (gateway.waiting.length < MAX_WAITING) gateway.waiting.push(waiting);
}

/** An ask was answered: calls that wait for it are decided once more. */
export function retryCalls(world: World, chance: Chance, gateway: SimulatedGateway): void {
  for (const waiting of gateway.waiting.splice(0)) tryCall(world, chance, gateway, waiting);
}

/** A gateway takes a hold, or asks. */
function tryCall(
  world: World,
  chance: Chance,
  gateway: SimulatedGateway,
  { needs, ttlMs }: WaitingCall,
): HoldAnswer['kind'] {
  const { book } = gateway;
  const longestMs = Math.max(ttlMs, world.setting.terms.usualHoldMs);
  const found = gateway.hold(world.newId('hold'), needs, ttlMs);
  if (found.kind === 'short' && !found.limits.some((limit) => book.isAsking(limit))) {
    const short = needs.filter(({ limit }) => found.limits.includes(limit));
    ask(world, gateway, short, longestMs, null, chance);
  }
  if (found.kind !== 'held') return found.kind;
  const { hold, ahead } = found;
  const claims = needs.map(({ limit, amount }) => {
    return { limit, amount, counter: world.postgres.counter(limit, hold.admittedAt) };
  });
  const isLazy = chance.happens(world.setting.odds.lazy);
  world.holds.set(hold.id, knownHold(hold, gateway, claims, isLazy));
  gateway.taken.push(hold.id);
  for (const { opensAt, ...need } of ahead) {
    ask(world, gateway, [need], longestMs, opensAt, chance);
    world.reach('ask ahead');
  }
  return 'held';
}

/** PROTOCOL 10: what was taken is answered, if its deadline has not passed meanwhile. */
export function answer(world: World, chance: Chance): void {
  const gateway = world.anyAwake(chance);
  const known = world.holds.get(gateway?.taken.shift() ?? '');
  if (!gateway || !known) return;
  known.isAnswered = gateway.book.holds.isOpen(known.hold.id, gateway.clocks);
  if (!known.isAnswered) world.reach('hold expired before its answer');
  else if (world.now > known.hold.expiresAt + LATE_ANSWER_MS) {
    world.wrong = `${known.hold.id} was answered ${world.now - known.hold.expiresAt} ms late`;
  }
}

export function ask(
  world: World,
  gateway: SimulatedGateway,
  needs: readonly Need[],
  longestMs: number,
  opensAt: number | null,
  chance: Chance,
): void {
  const { book, clocks, id } = gateway;
  const wants = needs.map(({ limit, amount }) => ({
    limit,
    need: amount,
    want: Math.min(amount * chance.between(1, 12), book.want(limit, amount, 20_000, clocks)),
  }));
  const sent = { id: world.newId('ask'), gateway: id, wants, longestMs, opensAt };
  book.asked(sent, clocks);
  world.network.send({ to: 'entitlement', ask: sent });
}
