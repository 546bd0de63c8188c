import { LIMIT_SCOPES, ON_LIMIT, REPORT_WINDOWS, UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { durationMs } from './duration';
import { instant, name, projectId, reason, textUpTo, tierReference } from './names';

/** Limits of one tier version. */
export const MAX_LIMITS = 200;
/** Versions of one tier, and tier versions of one project: gateways hold them all. */
export const MAX_TIER_VERSIONS = 2_000;
const MESSAGE_BYTES = 512;
const FIRST_USE_MOST_MS = 366 * 86_400_000;
const MINUTE_MS = 60_000;

const amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const atLeastOne = amount.min(1);

function duration(leastMs: number, words: string): z.ZodString {
  return z.string().refine((text) => {
    const ms = durationMs(text);
    return ms !== null && ms >= leastMs && ms <= FIRST_USE_MOST_MS;
  }, `must be a duration ${words}, such as PT5H`);
}

const WINDOW_WORDS = ['request', ...REPORT_WINDOWS, 'billingPeriod', 'lifetime'] as const;

const window = z
  .union(
    [
      z.enum(WINDOW_WORDS),
      z.strictObject({ firstUse: duration(MINUTE_MS, 'of a minute to 366 days') }),
    ],
    `must be one of ${WINDOW_WORDS.join(', ')}, or {"firstUse":"PT5H"}`,
  )
  .meta({ description: 'The span a limit counts over; `firstUse` opens with the first use.' });

const replenishment = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('reset') }),
    z.strictObject({
      kind: z.literal('rollover'),
      cap: amount,
      windows: z.number().int().min(1).max(36),
    }),
    z.strictObject({
      kind: z.literal('drip'),
      amount: atLeastOne,
      every: duration(1_000, 'of a second to 366 days'),
      cap: atLeastOne,
    }),
  ])
  .meta({ description: 'How a limit refills; left out: it starts anew with each window.' });

/** A limit as it is written; what is left out has its plain value. */
export const tierLimit = z.strictObject({
  scope: z.enum(LIMIT_SCOPES),
  modelGroup: name.meta({ description: 'A model group, or `*`: every group.' }),
  unit: z.enum(UNITS),
  window,
  amount,
  onLimit: z.enum(ON_LIMIT),
  restrictTo: name.nullable().default(null),
  replenishment: replenishment.default({ kind: 'reset' }),
  message: textUpTo(MESSAGE_BYTES).nullable().default(null),
});
/** As it is answered: nothing is left out. */
export const shownLimit = tierLimit.meta({ id: 'Limit' });
export type TierLimit = z.output<typeof tierLimit>;

const given = z.array(tierLimit).max(MAX_LIMITS);
const limits = z.array(shownLimit);

export const newTier = z.strictObject({ name, limits: given, reason });
export const tierLimits = z.strictObject({ limits: given, reason });

/** A clone begins with the limits of its version. */
export const tierClone = z.strictObject({ reason }).prefault({});

export const tierVersion = z
  .object({
    name,
    version: z.number().int().min(1),
    state: z.enum(['draft', 'frozen']).meta({
      description: 'A draft can be edited; it freezes for good when a customer first has it.',
    }),
    createdAt: instant,
    frozenAt: instant.nullable(),
    limits,
    customers: z.number().int().min(0).optional().meta({
      description: 'How many customers have it now; told where versions are read.',
    }),
  })
  .meta({ id: 'TierVersion' });
export type TierVersion = z.output<typeof tierVersion>;

export const tierDifference = z.object({
  from: tierReference,
  to: tierReference,
  added: limits,
  removed: limits,
  changed: z.array(z.object({ before: shownLimit, after: shownLimit })),
});

/** The value of `t:{project}:{tier}:{version}` in `entitlement.snapshots.v1`. */
export const tierSnapshot = z.object({
  project: projectId,
  name,
  version: z.number().int().min(1),
  /** Grows by one with every edit of a draft. */
  revision: z.number().int().min(1),
  limits,
});
export type TierSnapshot = z.output<typeof tierSnapshot>;

/** What customers are on until a project says otherwise. */
export const DEFAULT_TIER = { name: 'Default New Customer Tier', version: 1 } as const;

const monthly = (modelGroup: string, unit: 'calls' | 'tokens', most: number): TierLimit => ({
  scope: 'customer',
  modelGroup,
  unit,
  window: 'month',
  amount: most,
  onLimit: 'block',
  restrictTo: null,
  replenishment: { kind: 'reset' },
  message: null,
});

/** The limits of DEFAULT_TIER: the cheapest group, a little; the dear ones, nothing. */
export const DEFAULT_TIER_LIMITS: readonly TierLimit[] = [
  monthly('standard', 'calls', 1_000),
  monthly('standard', 'tokens', 1_000_000),
  ...['premium', 'super-premium', 'reasoning'].map((group) => monthly(group, 'calls', 0)),
];
