import { page } from '../catalogue';
import {
  differencesQuery,
  driftedHour,
  driftQuery,
  namedDifferences,
  reconciledPeriod,
  reconciliationQuery,
} from '../reconciliation';
import { json, type RouteDeclaration } from './route';

export const RECONCILIATION_ROUTES = [
  {
    id: 'listReconciledPeriods',
    method: 'GET',
    path: '/v1/reconciliation',
    owner: 'aggregator',
    access: 'read',
    summary: "Each customer's periods on the four sides: log, totals, warehouse, billed.",
    description:
      'By customer, then by start: closed, held back and open periods that touch [from, to), each ' +
      'whole. All sides are asked as of one offset of the log. 503 `folds-behind` while a side ' +
      'has not come as far as the log had when it was asked.',
    query: reconciliationQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(reconciledPeriod)) },
    problems: ['folds-behind'],
  },
  {
    id: 'listDrift',
    method: 'GET',
    path: '/v1/reconciliation/drift',
    owner: 'aggregator',
    access: 'read',
    summary: 'How far the sides were apart, hour by hour: the largest that any look found.',
    description: 'In the order of the hours. An hour without a look has no row.',
    query: driftQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(driftedHour)) },
    problems: [],
  },
  {
    id: 'listDifferences',
    method: 'GET',
    path: '/v1/reconciliation/differences',
    owner: 'aggregator',
    access: 'read',
    summary: "The events that totals and warehouse have otherwise than the log, of one customer's.",
    description:
      'Reads the log of the customer’s partition again, so it may take a while. From and to lie ' +
      'on quarters of an hour.',
    query: differencesQuery,
    answer: { status: 200, description: 'What differs.', contents: json(namedDifferences) },
    problems: ['folds-behind'],
  },
] as const satisfies readonly RouteDeclaration[];
