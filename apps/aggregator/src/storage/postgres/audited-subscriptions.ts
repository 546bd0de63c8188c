import { limitOf, settings, tierLimit, type TierReference } from '@tallyward/contracts';
import { DEFAULT_SETTINGS } from '@tallyward/contracts';
import {
  tierTimeline,
  UNITS,
  type Assignment,
  type Limit,
  type WindowFrame,
} from '@tallyward/domain';
import { z } from 'zod';
import type { PeriodKey, SideProof } from '../../close-periods/closing';
import { UNIT_COLUMNS } from '../clickhouse/columns';
import type { PassedLimit } from '../clickhouse/split-overage';
import type { AuditedTotals } from './audited-totals';
import { sideOf, SUMS, type SumsRow } from './billing/billing-sums';
import { customersOf, customerText, spansOf, type PlaceOfCustomer } from './billing/billing-keys';

const closingSettings = z.object({
  timeZone: settings.shape.timeZone.default(DEFAULT_SETTINGS.timeZone),
  closing: settings.shape.closing.default(DEFAULT_SETTINGS.closing),
});
export type ClosingSettings = z.output<typeof closingSettings>;

/** What a customer's periods follow from, beside the project's settings. */
export interface Subscriber {
  /** Null: the project's. */
  readonly timeZone: string | null;
  /** Epoch ms. */
  readonly billingAnchor: number;
  /** In the order of their starts. */
  readonly tiers: readonly Assignment[];
}

/** What entitlement holds, as of the totals' snapshot and as the auditor may read it. */
export class AuditedSubscriptions {
  constructor(private readonly snapshot: AuditedTotals) {}

  async settings(): Promise<Map<string, ClosingSettings>> {
    const rows = await this.snapshot.query<{ project: string; settings: unknown }>(
      'SELECT project, settings FROM entitlement.project',
      [],
    );
    return new Map(rows.map((row) => [row.project, closingSettings.parse(row.settings)]));
  }

  /** By customer (`customerText`). */
  async subscribers(of: readonly PlaceOfCustomer[]): Promise<Map<string, Subscriber>> {
    const rows = await this.snapshot.query<SubscriberRow>(
      `SELECT c.project, c.customer, c.time_zone, coalesce(c.billing_anchor, c.first_seen) AS anchor,
         (SELECT json_agg(json_build_array(a.tier, a.tier_version, a.effective_from) ORDER BY a.id)
          FROM entitlement.tier_assignment a
          WHERE a.project = c.project AND a.customer = c.customer) AS tiers
       FROM entitlement.customer c
       WHERE (c.project, c.customer) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      customersOf(of),
    );
    return new Map(rows.map((row) => [customerText(row), subscriberOf(row)]));
  }

  /** The limits of a tier version; they never change once a customer has had it. */
  async limits(project: string, { name, version }: TierReference): Promise<Limit[]> {
    const [row] = await this.snapshot.query<{ limits: unknown }>(
      `SELECT limits FROM entitlement.tier_version
       WHERE project = $1 AND name = $2 AND version = $3`,
      [project, name, version],
    );
    return z
      .array(tierLimit)
      .parse(row?.limits ?? [])
      .map(limitOf);
  }

  /** What the totals hold of each period. */
  async sums(of: readonly PeriodKey[]): Promise<SideProof[]> {
    const rows = await this.snapshot.query<SumsRow>(
      `SELECT s.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
         WITH ORDINALITY AS k (project, customer, starts, ends, place)
       CROSS JOIN LATERAL (
         SELECT ${SUMS}
         FROM entitlement.usage_total t WHERE t.project = k.project AND t.customer = k.customer
           AND t.quarter >= k.starts AND t.quarter < k.ends) s
       ORDER BY k.place`,
      spansOf(of),
    );
    return rows.map(sideOf);
  }
}

/**
 * What the totals counted of each limit in its window, as of the snapshot; for windows whose bounds
 * lie on quarters of an hour.
 */
export async function usedOfLimits(
  snapshot: AuditedTotals,
  limits: readonly PassedLimit[],
): Promise<number[]> {
  const rows = await snapshot.query<{ used: string }>(
    `SELECT (SELECT coalesce(sum(CASE k.unit ${OF_UNIT} END), 0) FROM entitlement.usage_total t
       WHERE t.project = k.project AND t.customer = k.customer
         AND t.quarter >= k.starts AND t.quarter < k.ends
         AND k.model_group IN ('*', t.model_group)
         AND CASE k.scope WHEN 'workspace' THEN t.workspace WHEN 'user' THEN t."user"
           WHEN 'role' THEN t.role ELSE k.scope_value END = k.scope_value) AS used
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
       $7::text[], $8::text[]) WITH ORDINALITY
       AS k (project, customer, starts, ends, unit, model_group, scope, scope_value, place)
     ORDER BY k.place`,
    [
      ...customersOf(limits),
      limits.map(({ span }) => span.from),
      limits.map(({ span }) => span.to),
      limits.map(({ unit }) => unit),
      limits.map(({ modelGroup }) => modelGroup),
      limits.map(({ scope }) => scope),
      limits.map(({ scopeValue }) => scopeValue),
    ],
  );
  return rows.map(({ used }) => Number(used));
}

const OF_UNIT = UNITS.map((unit) => `WHEN '${unit}' THEN t.${UNIT_COLUMNS[unit]}`).join(' ');

export function frameOf(subscriber: Subscriber, projectTimeZone: string): WindowFrame {
  const { timeZone, billingAnchor } = subscriber;
  return { timeZone: timeZone ?? projectTimeZone, billingAnchor };
}

interface SubscriberRow extends PlaceOfCustomer {
  time_zone: string | null;
  anchor: string;
  tiers: [string, number, number][] | null;
}

function subscriberOf({ time_zone, anchor, tiers }: SubscriberRow): Subscriber {
  const made = (tiers ?? []).map(([name, version, from]) => ({ name, version, from }));
  return { timeZone: time_zone, billingAnchor: Number(anchor), tiers: tierTimeline(made) };
}
