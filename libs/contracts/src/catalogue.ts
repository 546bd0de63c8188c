import { HORIZON_MS, isTimeZone } from '@tallyward/domain';
import { z } from 'zod';
import { durationMs } from './duration';
import { instant, name, projectId, reason, tierReference } from './names';
import { DEFAULT_TIER } from './tiers';

export const SCOPES = ['ingest', 'decide', 'read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
export const scopes = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);

/** `admin` includes the other scopes. */
export function hasScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.includes(wanted) || held.includes('admin');
}

/** The groups every project starts with. */
export const MODEL_GROUPS = ['standard', 'premium', 'super-premium', 'reasoning'] as const;
export const DEMO_PROJECT = 'demo';
export const MAX_PER_PROJECT = { keys: 1_000, models: 5_000, groups: 200 } as const;

export const newProject = z.strictObject({ name });
export const project = z.object({ project: projectId, name, createdAt: instant });
export const projectCreated = z.object({ project: projectId, name, key: z.string() });

export const newKey = z.strictObject({ name, scopes });
export const key = z.object({
  id: z.string(),
  name,
  scopes,
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable().meta({
    description: 'By a call, a session or a token of it; may be a minute behind. Null: not yet.',
  }),
});
export const keyCreated = key.extend({ key: z.string() });

export const modelAssignment = z.strictObject({ group: name });
export const model = z.object({ model: name, group: name });
export const modelGroupSetting = z.strictObject({ defaultModel: name.nullable() });
export const modelGroup = z.object({
  group: name,
  defaultModel: name.nullable().meta({
    description: 'What a reroute into the group calls; null: the group has no models.',
  }),
  defaultModelChosen: z.boolean().meta({
    description: 'False: nobody chose it, it is the first of the models by name.',
  }),
  models: z.array(name),
});

/** How often usage is closed into billing records. */
export const CLOSED_EVERY = ['hour', 'day', 'month', 'billingPeriod'] as const;
export type ClosedEvery = (typeof CLOSED_EVERY)[number];

export const settings = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/Rome'),
  lateness: z
    .string()
    .refine((value) => inHorizon(durationMs(value)), 'must be a duration of P35D at most'),
  defaultTier: z.strictObject(tierReference.shape).meta({
    description: 'What customers that come from now on are on; nobody else changes.',
  }),
  failOpen: z.boolean().meta({
    description: 'True: what can not be decided is allowed, and the answer says so.',
  }),
  unknownModels: z.enum(['block', 'allow']).meta({
    description: 'What a decision about a model that nobody registered answers.',
  }),
  closing: z
    .strictObject({
      every: z.enum(CLOSED_EVERY),
      grace: z
        .string()
        .refine(
          (value) => inGrace(durationMs(value)),
          'must be a duration of P35D at most, such as PT1H',
        ),
    })
    .meta({
      description:
        'When usage becomes billing records: which period, and how long after its end it waits ' +
        'for late usage. What comes later still is told by a revision.',
    }),
});
export type Settings = z.infer<typeof settings>;
export const DEFAULT_SETTINGS: Settings = {
  timeZone: 'UTC',
  lateness: 'P35D',
  defaultTier: DEFAULT_TIER,
  failOpen: false,
  unknownModels: 'block',
  closing: { every: 'month', grace: 'PT1H' },
};
/** `reason` is told with the change, and is no setting. */
export const settingsChange = settings.partial().extend({ reason });

function inHorizon(lateness: number | null): boolean {
  return lateness !== null && lateness > 0 && lateness <= HORIZON_MS;
}

function inGrace(grace: number | null): boolean {
  return grace !== null && grace <= HORIZON_MS;
}

/** One page of a list. */
export const PAGE = { default: 50, most: 200 } as const;
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number({ error: `must be a whole number of 1 to ${PAGE.most}` })
    .int()
    .min(1)
    .max(PAGE.most)
    .default(PAGE.default),
  cursor: z.string().max(1024).optional(),
});
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

/** What a gateway knows of a project: the value of `p:{project}` in `entitlement.snapshots.v1`. */
export const projectSnapshot = z.object({
  project: projectId,
  name,
  /** Grows by one with every change of the project; stamped on log entries as catalogueVersion. */
  version: z.number().int().min(1),
  /** One that was published before there were tiers lacks them, until it is published anew. */
  settings: settings.extend({
    defaultTier: settings.shape.defaultTier.default(DEFAULT_SETTINGS.defaultTier),
    failOpen: settings.shape.failOpen.default(DEFAULT_SETTINGS.failOpen),
    unknownModels: settings.shape.unknownModels.default(DEFAULT_SETTINGS.unknownModels),
    closing: settings.shape.closing.default(DEFAULT_SETTINGS.closing),
  }),
  keys: z.array(
    z.object({
      keyId: z.string(),
      /** SHA-256 of the secret, hex. */
      hash: z.string(),
      name,
      scopes,
      operator: z.boolean(),
      /** Epoch ms; null: does not expire. */
      expiresAt: z.number().int().nullable(),
    }),
  ),
  /** Model → group. */
  models: z.record(z.string(), z.string()),
  /** Group → what a reroute into it calls. */
  groups: z.record(z.string(), z.object({ defaultModel: z.string().nullable() })),
});
export type ProjectSnapshot = z.infer<typeof projectSnapshot>;

const API_KEY = /^tw_([a-z0-9]{16})_([A-Za-z0-9]{43})$/;

/** Takes an API key apart; null where it is none. */
export function parseApiKey(text: string): { keyId: string; secret: string } | null {
  const match = API_KEY.exec(text);
  return match?.[1] && match[2] ? { keyId: match[1], secret: match[2] } : null;
}

/**
 * Says which version of a project's snapshot shows a change that was just made: `{project}@{n}`.
 */
export const PROJECT_VERSION_HEADER = 'x-tallyward-project-version';
/** From the gateway to the services: the project's time zone, as the gateway's snapshot has it. */
export const PROJECT_TIME_ZONE_HEADER = 'x-tallyward-project-time-zone';

/** Makes a management POST or PUT safe to send again for 24 hours. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
export const IDEMPOTENT_REPLAYED_HEADER = 'idempotent-replayed';
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');
