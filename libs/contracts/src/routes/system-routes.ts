import { system } from '../system';
import { json, type RouteDeclaration } from './route';

export const SYSTEM_ROUTES = [
  {
    id: 'readSystem',
    method: 'GET',
    path: '/v1/system',
    owner: 'gateway',
    access: 'read',
    summary: 'How the services are, and how far each fold is behind the log.',
    answer: { status: 200, description: 'As of now.', contents: json(system) },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
