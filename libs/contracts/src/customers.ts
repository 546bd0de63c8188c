import { isTimeZone, LIMIT_SCOPES, UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { pageQuery } from './catalogue';
import {
  instant,
  name,
  projectId,
  reason,
  tags,
  textUpTo,
  tierReference,
  versionNumber,
} from './names';
import { limitState } from './decisions';
import { shownLimit } from './tiers';

const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/Rome');
const EFFECTIVE = ['now', 'nextWindow'] as const;

/** What is left out stays as it is; null: as if nobody had said anything. */
export const customerChange = z.strictObject({
  name: name.nullable().optional(),
  timeZone: timeZone.nullable().optional().meta({ description: "Null: the project's zone." }),
  billingAnchor: instant.nullable().optional().meta({
    description: 'Where billing periods are counted from; null: when it was first seen.',
  }),
  tags: tags.optional(),
  disabled: z.boolean().optional().meta({ description: 'True: every decision answers block.' }),
  reason,
});
/** `reason` is told with the change, and is no part of the customer. */
export type CustomerChange = Omit<z.output<typeof customerChange>, 'reason'>;

export const customer = z
  .object({
    customer: name,
    name: name.nullable(),
    timeZone: z.string().nullable(),
    billingAnchor: instant,
    tags,
    disabled: z.boolean(),
    firstSeen: instant,
    tier: tierReference,
    nextTiers: z
      .array(tierReference.extend({ from: instant, carryUsage: z.boolean() }))
      .meta({ description: 'Changes of tier that are to come, in their order.' }),
  })
  .meta({ id: 'Customer' });
export type Customer = z.output<typeof customer>;

export const listedCustomer = customer
  .extend({
    limits: z
      .array(limitState)
      .optional()
      .meta({
        description:
          'With `with=limits`: as entitlements tell them, of scope customer alone. Of workspaces, ' +
          'users and roles a customer may have thousands: its own entitlements have them.',
      }),
  })
  .meta({ id: 'ListedCustomer' });
export type ListedCustomer = z.output<typeof listedCustomer>;

export const customersQuery = pageQuery.extend({
  tier: name.optional().meta({ description: 'Only customers that have this tier now.' }),
  version: versionNumber.optional(),
  near: z.coerce
    .number({ error: 'must be a whole number of percent, 0 to 100' })
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta({ description: 'Only those that have used this many percent of a limit, at least.' }),
  q: textUpTo(128).optional().meta({ description: 'Part of the id or of the name.' }),
  with: z
    .enum(['limits'])
    .optional()
    .meta({ description: 'limits: as each customer has them now.' }),
});
export type CustomersQuery = z.output<typeof customersQuery>;

/** Which tier version, from when, and whether what was used counts on. */
export const tierAssignment = z.strictObject({
  name,
  version: z.number().int().min(1),
  effective: z.enum(EFFECTIVE).default('now').meta({
    description: 'nextWindow: when the longest window of the present tier ends.',
  }),
  carryUsage: z.boolean().default(true),
  reason,
});
export type TierAssignment = z.output<typeof tierAssignment>;

/** Customers that one request moves, or looks at. */
export const MIGRATE_MOST = 1_000;

export const migration = z.strictObject({
  to: tierReference,
  dryRun: z.boolean().default(false),
  effective: z.enum(EFFECTIVE).default('now'),
  carryUsage: z.boolean().default(true),
  reason,
});
export type Migration = z.output<typeof migration>;

export const overLimit = z.object({
  customer: name,
  scope: z.enum(LIMIT_SCOPES),
  scopeValue: name,
  unit: z.enum(UNITS),
  used: z.number().int(),
  limit: shownLimit,
});
export type OverLimit = z.output<typeof overLimit>;

export const migrationAnswer = z.object({
  customers: z.number().int().meta({ description: 'How many were moved, or would be.' }),
  remaining: z
    .number()
    .int()
    .meta({
      description: `Still on the old version: send it again. One request moves ${MIGRATE_MOST}.`,
    }),
  dryRun: z.boolean(),
  over: z.array(overLimit).meta({
    description:
      'Who has used more than a limit of the new version would give, with all that was added ' +
      'to it, in the windows that totals can tell: all but minute, request and first-use.',
  }),
});
export type MigrationAnswer = z.output<typeof migrationAnswer>;

/** The value of `c:{project}:{customer}` in `entitlement.snapshots.v1`. */
export const customerSnapshot = z.object({
  project: projectId,
  customer: name,
  /** Grows by one with every change of the customer. */
  version: z.number().int().min(1),
  /** Null: the project's. */
  timeZone: z.string().nullable(),
  /** Epoch ms. */
  billingAnchor: z.number().int(),
  disabled: z.boolean(),
  /**
   * The tier, those that were before it (not all) and those to come, in the order of `from`, epoch
   * ms. What holds at an instant: `tierAt` of the domain.
   */
  tiers: z.array(tierReference.extend({ from: z.number().int() })).min(1),
});
export type CustomerSnapshot = z.output<typeof customerSnapshot>;
