import { UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { customerSnapshot } from './customers';
import { HOLD_TTL_S } from './decisions';
import { GATEWAY_LENGTH, LEASE_NUMBER } from './hold-shape';
import { name, projectId } from './names';
import { MAX_LIMITS } from './tiers';

/** The random part of a gateway process' id makes it another one after a restart (PROTOCOL 2). */
export const gatewayProcess = z.string().min(1).max(GATEWAY_LENGTH);
/** A counter without its window: `counterName` of the domain. */
export const counterNamed = z.string().min(1).max(1_024);
const askId = z.string().min(1).max(120);
const leaseId = z.string().regex(LEASE_NUMBER);
const epochMs = z.number().int().min(0);
const whole = z.number().int().min(0);

/** Leases or holds in one message. */
export const MAX_QUOTA_ITEMS = 1_000;

const sent = { project: projectId, customer: name, gateway: gatewayProcess };

/** `quota.asks.v1`: what gateways ask for, give back and hold. */
export const quotaAsk = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('lease.asked'),
      ...sent,
      ask: askId,
      /** All of them or none; empty: only states or the customer are wanted. */
      wants: z
        .array(z.object({ limit: counterNamed, need: whole.min(1), want: whole.min(1) }))
        .max(MAX_LIMITS),
      /** Limits whose state is wanted beside: those that allow need no lease. */
      watches: z.array(counterNamed).max(MAX_LIMITS),
      /** The longest hold that the leases are to carry. */
      longestMs: whole.max(HOLD_TTL_S.most * 1_000),
      /** The start of the windows that are asked for ahead; null: those of now. */
      opensAt: epochMs.nullable(),
      /** Only the word is wanted: nothing is leased, no customer is made. */
      looks: z.boolean(),
      /** Which version of the customer the gateway knows; 0: none. An answer brings a newer one. */
      customerVersion: whole,
    }),
    z.object({
      type: z.literal('lease.returned'),
      ...sent,
      /** The total given back of each so far (PROTOCOL 7). */
      leases: z
        .array(z.object({ lease: leaseId, total: whole }))
        .min(1)
        .max(MAX_QUOTA_ITEMS),
    }),
    z.object({
      type: z.literal('hold.released'),
      ...sent,
      /** Released at another gateway than `gateway`, whose number `hold` is. */
      hold: whole,
    }),
    z.object({
      type: z.literal('hold.counted'),
      ...sent,
      /** By then none of them is open any more, whatever becomes of this gateway. */
      lastsMs: whole.max(HOLD_TTL_S.most * 1_000),
      /** What calls in flight hold at this gateway now, of limits where that has changed. */
      held: z
        .array(z.object({ limit: counterNamed, held: whole }))
        .min(1)
        .max(MAX_QUOTA_ITEMS),
    }),
  ])
  .meta({ id: 'QuotaAsk', description: 'A gateway asks, gives back, or tells what it holds.' });
export type QuotaAsk = z.output<typeof quotaAsk>;

const window = z.object({ from: epochMs, to: epochMs });

/** A limit's counter as entitlement knew it when it answered. */
const counterState = z.object({
  limit: counterNamed,
  window,
  used: whole,
  leased: whole,
  /** What other gateways' calls in flight hold, as far as they told. */
  held: whole,
  /** With what was replenished. */
  amount: whole,
  overrun: whole,
});
export type CounterState = z.output<typeof counterState>;

const grantedLease = z.object({
  id: leaseId,
  counter: z.string(),
  limit: counterNamed,
  amount: whole.min(1),
  issuedAt: epochMs,
  spendUntil: epochMs,
  settleUntil: epochMs,
  window,
});

/** Every message is for one gateway process; others that read the partition pass over it. */
const told = { gateway: gatewayProcess };
const answered = {
  ...told,
  ask: askId,
  /** Postgres' clock. */
  at: epochMs,
  /** `counters` have all that is before this place of the customer's partition of usage. */
  foldedTo: whole,
  counters: z.array(counterState),
  /** Where the gateway knew an older version, or none. */
  customer: customerSnapshot.nullable(),
};

/** `quota.grants.v1`: what entitlement answers, and what gateways have to know. */
export const quotaGrant = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('lease.granted'), ...answered, leases: z.array(grantedLease) }),
    z.object({
      type: z.literal('lease.refused'),
      ...answered,
      shortages: z.array(
        z.object({
          limit: counterNamed,
          /** `not-a-limit`: of another tier than the customer has now; `customer` tells which. */
          reason: z.enum(['used-up', 'held', 'not-a-limit']),
          need: whole,
          used: whole,
          leased: whole,
          amount: whole,
          resetAt: epochMs,
        }),
      ),
    }),
    z.object({
      type: z.literal('lease.recalled'),
      ...told,
      leases: z.array(leaseId).min(1).max(MAX_QUOTA_ITEMS),
    }),
    z.object({
      type: z.literal('limit.freed'),
      ...told,
      project: projectId,
      customer: name,
      limits: z.array(counterNamed).min(1).max(MAX_LIMITS),
    }),
    z.object({
      type: z.literal('hold.settled'),
      ...told,
      /** The fold has all that is before this place of their partition of usage. */
      foldedTo: whole,
      /** Holds of this gateway that the fold saw settled by another one (PROTOCOL 14). */
      holds: z
        .array(
          z.object({
            hold: whole,
            modelGroup: name,
            workspace: z.string(),
            user: z.string(),
            role: z.string(),
            amounts: z.record(z.enum(UNITS), whole),
          }),
        )
        .min(1)
        .max(MAX_QUOTA_ITEMS),
    }),
    z.object({ type: z.literal('hold.released'), ...told, hold: whole }),
    z.object({
      type: z.literal('hold.elsewhere'),
      ...told,
      project: projectId,
      customer: name,
      /** What the other gateways' calls in flight hold now, of limits where that has changed. */
      held: z
        .array(z.object({ limit: counterNamed, held: whole }))
        .min(1)
        .max(MAX_QUOTA_ITEMS),
    }),
  ])
  .meta({ id: 'QuotaGrant', description: 'What entitlement tells one gateway process.' });
export type QuotaGrant = z.output<typeof quotaGrant>;
