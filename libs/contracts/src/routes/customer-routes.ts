import { z } from 'zod';
import { auditFact, auditQuery } from '../audit';
import { page } from '../catalogue';
import {
  customer,
  customerChange,
  customersQuery,
  listedCustomer,
  tierAssignment,
} from '../customers';
import { name } from '../names';
import { json, once, type RouteDeclaration } from './route';

const params = z.object({ customer: name });

export const CUSTOMER_ROUTES = [
  {
    id: 'listCustomers',
    method: 'GET',
    path: '/v1/customers',
    owner: 'entitlement',
    access: 'admin',
    summary: 'The customers, by id.',
    description:
      'With `near` a page may hold fewer than `limit`, or none, and yet not be the last: go on ' +
      'while there is a nextCursor.',
    query: customersQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(listedCustomer)) },
    problems: [],
  },
  {
    id: 'readCustomer',
    method: 'GET',
    path: '/v1/customers/{customer}',
    owner: 'entitlement',
    access: 'admin',
    ofCustomer: true,
    summary: 'A customer, and the tier it is on.',
    params,
    answer: { status: 200, description: 'The customer.', contents: json(customer) },
    problems: ['not-found'],
  },
  {
    id: 'putCustomer',
    method: 'PUT',
    path: '/v1/customers/{customer}',
    owner: 'entitlement',
    access: 'admin',
    summary: 'Make a customer, or change one; what is left out stays.',
    params,
    headers: once,
    body: json(customerChange, {
      name: 'Acme Ltd',
      timeZone: 'Europe/Rome',
      billingAnchor: '2026-01-31T00:00:00Z',
      tags: { region: 'emea' },
    }),
    answer: { status: 200, description: 'The customer.', contents: json(customer) },
    problems: [],
  },
  {
    id: 'putCustomerTier',
    method: 'PUT',
    path: '/v1/customers/{customer}/tier',
    owner: 'entitlement',
    access: 'admin',
    summary: "Change a customer's tier, now or with the next window; the version freezes.",
    params,
    headers: once,
    body: json(tierAssignment, {
      name: 'Professional',
      version: 1,
      effective: 'nextWindow',
      carryUsage: true,
      reason: 'Upgrade',
    }),
    answer: { status: 200, description: 'The customer.', contents: json(customer) },
    problems: [],
  },
  {
    id: 'listAudit',
    method: 'GET',
    path: '/v1/audit',
    owner: 'entitlement',
    access: 'read',
    summary: 'Who changed what, from what, to what, and why; newest first.',
    query: auditQuery,
    answer: { status: 200, description: 'One page.', contents: json(page(auditFact)) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
