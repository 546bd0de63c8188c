import { LIMIT_SCOPES, UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { name, projectId } from './names';
import { MAX_LIMITS, tierLimit } from './tiers';

/** The random part of a gateway process' id makes it another one after a restart (PROTOCOL 2). */
const processId = z.string().min(1).max(80);
const epochMs = z.number().int().min(0);
const whole = z.number().int().min(0);
const leaseId = z.number().int().min(1);

/** Which limit of the customer's tier, for which value of its scope. */
export const limitName = z.strictObject({
  scope: z.enum(LIMIT_SCOPES),
  scopeValue: name,
  modelGroup: name,
  unit: z.enum(UNITS),
  window: tierLimit.shape.window,
});
export type LimitName = z.output<typeof limitName>;

const whose = { project: projectId, customer: name, gateway: processId };

/** `quota.asks.v1`: what gateways ask for and give back. */
export const quotaAsk = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('lease.asked'),
    ...whose,
    ask: z.string().min(1).max(120),
    wants: z
      .array(z.strictObject({ limit: limitName, need: whole.min(1), want: whole.min(1) }))
      .min(1)
      .max(MAX_LIMITS),
    /** The longest hold that the leases are to carry. */
    longestMs: whole.max(900_000),
    /** The start of the windows that are asked for ahead; null: those of now. */
    opensAt: epochMs.nullable(),
    /** Only the word is wanted: nothing is leased, no customer is made. */
    looks: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('lease.returned'),
    ...whose,
    /** The total given back of each so far (PROTOCOL 7). */
    leases: z
      .array(z.strictObject({ lease: leaseId, total: whole }))
      .min(1)
      .max(1_000),
  }),
]);
export type QuotaAsk = z.output<typeof quotaAsk>;

const grantedLease = z.strictObject({
  lease: leaseId,
  limit: limitName,
  amount: whole.min(1),
  issuedAt: epochMs,
  spendUntil: epochMs,
  settleUntil: epochMs,
  windowStart: epochMs,
  windowEnd: epochMs,
});

/** What entitlement knew of a limit when it answered. */
const counterState = z.strictObject({
  limit: limitName,
  used: whole,
  leased: whole,
  amount: whole,
  windowStart: epochMs,
  windowEnd: epochMs,
});

/** `quota.grants.v1`: what entitlement answers, and what gateways have to know. */
export const quotaGrant = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('lease.granted'),
    ask: z.string(),
    leases: z.array(grantedLease),
    counters: z.array(counterState),
  }),
  z.strictObject({
    type: z.literal('lease.refused'),
    ask: z.string(),
    at: epochMs,
    obstacles: z.array(
      counterState.extend({
        reason: z.enum(['used-up', 'held', 'per-request', 'disabled', 'not-a-limit']),
        need: whole,
      }),
    ),
  }),
  z.strictObject({
    type: z.literal('lease.recalled'),
    leases: z.array(leaseId).min(1),
  }),
]);
export type QuotaGrant = z.output<typeof quotaGrant>;
