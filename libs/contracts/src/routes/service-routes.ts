import { z } from 'zod';
import { json, type RouteDeclaration } from './route';

export const SERVICE_ROUTES = [
  {
    id: 'alive',
    method: 'GET',
    path: '/healthz',
    owner: 'gateway',
    access: 'open',
    summary: 'Is the process alive?',
    answer: {
      status: 200,
      description: 'Alive.',
      contents: json(z.object({ status: z.literal('ok') }), { status: 'ok' }),
    },
    problems: [],
  },
  {
    id: 'ready',
    method: 'GET',
    path: '/readyz',
    owner: 'gateway',
    access: 'open',
    summary: 'Can it take requests: has it read the snapshots, does the log answer?',
    answer: {
      status: 200,
      description: 'Ready; one entry per dependency.',
      contents: json(z.looseObject({ status: z.string() })),
    },
    problems: ['service-unavailable'],
  },
  {
    id: 'metrics',
    method: 'GET',
    path: '/metrics',
    owner: 'gateway',
    access: 'open',
    summary: "Metrics in Prometheus' text format.",
    answer: {
      status: 200,
      description: 'The metrics.',
      contents: { 'text/plain': { schema: z.string() } },
    },
    problems: [],
  },
  {
    id: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    owner: 'gateway',
    access: 'open',
    summary: 'This document.',
    answer: { status: 200, description: 'OpenAPI 3.1.', contents: json(z.looseObject({})) },
    problems: [],
  },
  {
    id: 'asyncapi',
    method: 'GET',
    path: '/asyncapi.json',
    owner: 'gateway',
    access: 'open',
    summary: 'The topics and their messages.',
    answer: { status: 200, description: 'AsyncAPI 3.0.', contents: json(z.looseObject({})) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
