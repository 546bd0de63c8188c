import type { FocusExportQuery } from '@tallyward/contracts';
import { BILLING_LINES_VIEW } from '../storage/clickhouse/billing-records.table';
import { boundInstant, selected, type ExportStatement } from './export-statement';

/** FOCUS' date and time: UTC, to the second (periods lie on quarters of an hour). */
const instant = (column: string): string =>
  `formatDateTime(line.${column}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`;
const unknown = "''";
const noCost = '0';

/**
 * FOCUS 1.2's mandatory columns, its recommended and conditional ones that Tallyward can fill, and
 * own ones (`x_…`); README.md says of each what stands in it and why.
 */
const COLUMNS: Readonly<Record<string, string>> = {
  BilledCost: noCost,
  BillingAccountId: 'line.project',
  BillingAccountName: 'line.project',
  BillingCurrency: "'XXX'",
  BillingPeriodEnd: instant('period_to'),
  BillingPeriodStart: instant('period_from'),
  ChargeCategory: "'Usage'",
  ChargeClass: unknown,
  ChargeDescription: "concat(line.unit, ' of ', line.model, ' (', line.model_group, ')')",
  ChargeFrequency: "'Usage-Based'",
  ChargePeriodEnd: instant('period_to'),
  ChargePeriodStart: instant('period_from'),
  ConsumedQuantity: 'toString(line.quantity)',
  ConsumedUnit: 'line.unit',
  ContractedCost: noCost,
  EffectiveCost: noCost,
  InvoiceIssuerName: 'line.project',
  ListCost: noCost,
  PricingQuantity: 'toString(line.quantity)',
  PricingUnit: 'line.unit',
  ProviderName: "'Tallyward'",
  PublisherName: "'Tallyward'",
  ServiceCategory: "'AI and Machine Learning'",
  ServiceName: "'LLM usage'",
  ServiceSubcategory: "'Generative AI'",
  SkuId: "concat(line.model_group, '/', line.model, '/', line.unit)",
  SubAccountId: 'line.customer',
  SubAccountName: 'line.customer',
  Tags: "'{}'",
  x_Tier: 'line.tier',
  x_TierVersion: 'line.tier_version',
  x_TimeZone: 'line.time_zone',
  x_Included: 'toString(line.included)',
  x_Overage: 'toString(line.overage)',
  x_Events: 'toString(line.events)',
  x_Revision: 'line.revision',
  x_RecordId: 'line.record_id',
  x_Proof: 'line.proof',
};

/** The bill of one project, a row for each line at its latest revision. */
export function focusExport(project: string, { from, to }: FocusExportQuery): ExportStatement {
  return {
    query: `SELECT ${selected(COLUMNS)} FROM ${BILLING_LINES_VIEW} AS line
WHERE line.project = {project:String}
  AND line.period_from >= ${boundInstant('from')} AND line.period_from < ${boundInstant('to')}
ORDER BY line.project, line.customer, line.period_from, line.model_group, line.model, line.unit,
  line.tier, line.tier_version, line.period_to`,
    params: { project, from: Date.parse(from), to: Date.parse(to) },
    columns: Object.keys(COLUMNS),
  };
}
