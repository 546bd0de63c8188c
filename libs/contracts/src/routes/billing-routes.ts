import { billingPeriod, billingPeriodsQuery, billingRecord, billingRecordsQuery } from '../billing';
import { page } from '../catalogue';
import { json, type RouteDeclaration } from './route';

export const BILLING_ROUTES = [
  {
    id: 'listBillingRecords',
    method: 'GET',
    path: '/v1/billing/records',
    owner: 'aggregator',
    access: 'read',
    summary: 'The lines of closed periods and their later revisions, as they went to Kafka.',
    description:
      'Of the periods that touch [from, to). A line never changes: what came late is a further ' +
      'revision, whose deltas say by how much. The sum of the deltas of a line is its latest.',
    query: billingRecordsQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(billingRecord)) },
    problems: [],
  },
  {
    id: 'listBillingPeriods',
    method: 'GET',
    path: '/v1/billing/periods',
    owner: 'aggregator',
    access: 'read',
    summary: "Each customer's periods: closed as of where in the log, or held back and why.",
    description:
      'Of the periods that touch [from, to). One is held back while log, totals and warehouse ' +
      'differ over it; the differences name the events.',
    query: billingPeriodsQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(billingPeriod)) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
