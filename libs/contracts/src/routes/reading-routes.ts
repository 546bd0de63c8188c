import { z } from 'zod';
import { page } from '../catalogue';
import { decisionSummary, decisionSummaryQuery } from '../decision-summary';
import { customerDecisionsQuery, decisionRecorded, decisionsQuery } from '../decisions';
import { name } from '../names';
import {
  countedEvent,
  eventsQuery,
  quarantinedEntry,
  quarantineQuery,
  trailQuery,
  usageQuery,
  usageReport,
} from '../usage-report';
import { json, type RouteAnswer, type RouteDeclaration } from './route';

const customer = z.object({ customer: name });

const report: RouteAnswer = {
  status: 200,
  description: 'The windows that touch [from, to), cut to it; zeros where nothing was.',
  contents: { ...json(usageReport), 'text/csv': { schema: z.string() } },
};

export const READING_ROUTES = [
  {
    id: 'reportUsage',
    method: 'GET',
    path: '/v1/usage',
    owner: 'aggregator',
    access: 'read',
    summary: 'What all customers of the project used, by window and group.',
    query: usageQuery,
    answer: report,
    problems: ['too-many-rows'],
  },
  {
    id: 'reportCustomerUsage',
    method: 'GET',
    path: '/v1/customers/{customer}/usage',
    owner: 'aggregator',
    access: 'read',
    ofCustomer: true,
    summary: 'What one customer used, by window and group.',
    params: customer,
    query: usageQuery,
    answer: report,
    problems: ['too-many-rows'],
  },
  {
    id: 'listCustomerEvents',
    method: 'GET',
    path: '/v1/customers/{customer}/events',
    owner: 'aggregator',
    access: 'read',
    summary: 'The trail of a customer: each event with its place and how it was counted.',
    params: customer,
    query: trailQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(countedEvent)) },
    problems: [],
  },
  {
    id: 'listEvents',
    method: 'GET',
    path: '/v1/events',
    owner: 'aggregator',
    access: 'read',
    summary: "The project's events by their time, newest first; without `from`, of 35 days.",
    query: eventsQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(countedEvent)) },
    problems: [],
  },
  {
    id: 'readEvent',
    method: 'GET',
    path: '/v1/events/{source}/{id}',
    owner: 'aggregator',
    access: 'read',
    summary: 'One event by its source and id; without `customer`, of every customer that has it.',
    params: z.object({ source: name, id: name }),
    query: z.object({ customer: name.optional() }),
    answer: {
      status: 200,
      description: 'The event, at its place in the log.',
      contents: json(z.object({ data: z.array(countedEvent) })),
    },
    problems: ['not-found'],
  },
  {
    id: 'listDecisions',
    method: 'GET',
    path: '/v1/decisions',
    owner: 'aggregator',
    access: 'read',
    summary: 'Every decision but a plain allow, newest first, with the limits as they stood.',
    query: decisionsQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(decisionRecorded)) },
    problems: [],
  },
  {
    id: 'listCustomerDecisions',
    method: 'GET',
    path: '/v1/customers/{customer}/decisions',
    owner: 'aggregator',
    access: 'read',
    ofCustomer: true,
    summary: "A customer's decisions but plain allows, newest first.",
    params: customer,
    query: customerDecisionsQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(decisionRecorded)) },
    problems: [],
  },
  {
    id: 'sumDecisions',
    method: 'GET',
    path: '/v1/decisions/summary',
    owner: 'aggregator',
    access: 'read',
    summary: 'How many calls were allowed, rerouted, throttled and blocked, by window.',
    query: decisionSummaryQuery,
    answer: {
      status: 200,
      description: 'The windows that touch [from, to), cut to it; zeros where nothing was.',
      contents: json(decisionSummary),
    },
    problems: ['too-many-rows'],
  },
  {
    id: 'listQuarantine',
    method: 'GET',
    path: '/v1/quarantine',
    owner: 'entitlement',
    access: 'read',
    summary: 'What could not be counted, with its place and the reason.',
    query: quarantineQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(quarantinedEntry)) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
