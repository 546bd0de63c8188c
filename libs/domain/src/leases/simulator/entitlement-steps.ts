import type { Ask, AskAnswer } from '../ask';
import type { Chance } from './chance';
import { arrive } from './gateway-steps';
import type { GrantPlan } from './postgres';
import type { SimulatedEntitlement, World } from './world';

export function deliver(world: World, chance: Chance): void {
  const message = world.network.next(chance);
  if (!message) return;
  if (message.to !== 'entitlement') {
    const gateway = world.gateways[message.to];
    if (gateway?.isAwake) arrive(world, chance, gateway, message.what);
  } else if ('ask' in message) receive(world, chance, message.ask);
  else returned(world, message.lease, message.total);
}

/** Either of the two takes an ask; between its read and its commit the other may be quicker. */
function receive(world: World, chance: Chance, ask: Ask): void {
  const instance = chance.of(world.entitlements) as SimulatedEntitlement;
  if (world.postgres.answers.has(ask.id)) world.reach('repeated ask');
  const plan = world.postgres.plan(ask, world.now);
  if (chance.happens(world.setting.odds.stalePlan)) instance.plans.push(plan);
  else commitPlan(world, chance, plan);
}

export function commit(world: World, chance: Chance): void {
  const plan = chance.of(world.entitlements)?.plans.shift();
  if (plan) commitPlan(world, chance, plan);
}

function commitPlan(world: World, chance: Chance, plan: GrantPlan): void {
  const { ask } = plan;
  const isNew = !world.postgres.answers.has(ask.id);
  let answer = world.postgres.commit(plan);
  if (!answer) {
    world.reach('grant that no longer fits');
    answer = world.postgres.commit(world.postgres.plan(ask, world.now));
  }
  if (!answer) throw new Error('a plan that was just read does not fit');
  if (isNew) noteSlice(world, ask, answer);
  if (chance.happens(world.setting.odds.crashedBeforeAnswer)) {
    world.reach('crash of entitlement after its commit');
    return;
  }
  const slot = world.slotOf(ask.gateway);
  const to = slot < 0 ? chance.between(0, world.gateways.length - 1) : slot;
  world.network.send({ to, what: { kind: 'answer', ask: ask.id, answer } });
  if (answer.kind === 'refused') recallFor(world, answer);
}

function noteSlice(world: World, { wants }: Ask, answer: AskAnswer): void {
  if (answer.kind !== 'granted') return;
  const isLast = wants.some(({ need, want }, index) => {
    return want > need && answer.leases[index]?.amount === need;
  });
  if (isLast) world.reach('last-slice ask');
}

/** PROTOCOL 6: only leases are in the way, so they are asked back. */
function recallFor(world: World, answer: AskAnswer & { kind: 'refused' }): void {
  const held = answer.shortages.filter(({ reason }) => reason === 'held');
  recallWhere(world, (limit) => held.some((shortage) => shortage.limit === limit));
}

export function recall(world: World, chance: Chance): void {
  const { name } = chance.of(world.setting.limits) ?? {};
  recallWhere(world, (limit) => limit === name);
}

function recallWhere(world: World, isMeant: (limit: string) => boolean): void {
  world.gateways.forEach(({ id }, slot) => {
    const leases: string[] = [];
    for (const lease of world.postgres.open.values()) {
      const limit = world.postgres.counters.get(lease.counter)?.limit ?? '';
      if (lease.gateway === id && isMeant(limit)) leases.push(lease.id);
    }
    if (leases.length === 0) return;
    world.reach('recall');
    world.network.send({ to: slot, what: { kind: 'recall', leases } });
  });
}

function returned(world: World, lease: string, total: number): void {
  if (!world.postgres.returned(lease, total)) return;
  const counter = world.postgres.leaseOf(lease)?.counter ?? '';
  const limits = [world.postgres.counters.get(counter)?.limit ?? ''];
  tellAll(world, { kind: 'freed', limits });
}

export function reclaim(world: World): void {
  const { entries, foldedTo, backAt, isOut } = world.log;
  const end = isOut ? null : entries.length;
  const closed = world.postgres.reclaim(world.now, { logBackAt: backAt, end, foldedTo });
  for (let n = 0; n < closed; n++) world.reach('reclaim');
}

/** Another tier: its amounts, and the leases of the older one are asked back. */
export function changeAmount(world: World, chance: Chance): void {
  const limit = chance.of(world.setting.limits);
  if (!limit) return;
  const isOut = [...world.postgres.open.values()].some((lease) => {
    return world.postgres.counters.get(lease.counter)?.limit === limit.name;
  });
  if (isOut) world.reach('tier change with a lease out');
  world.postgres.setAmount(limit, Math.ceil(limit.amount * (chance.of([0.5, 0.8, 1.3, 2]) ?? 1)));
  tellAll(world, { kind: 'tier', limits: [limit.name] });
}

export function killSwitch(world: World): void {
  world.reach('kill switch');
  tellAll(world, { kind: 'tier', limits: 'all' });
}

type ToAll =
  | { readonly kind: 'freed'; readonly limits: readonly string[] }
  | { readonly kind: 'tier'; readonly limits: readonly string[] | 'all' };

function tellAll(world: World, what: ToAll): void {
  world.gateways.forEach((_, slot) => world.network.send({ to: slot, what }));
}
