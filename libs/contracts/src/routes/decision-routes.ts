import { decisionAnswer, decisionRequest } from '../decisions';
import { json, type RouteDeclaration } from './route';

export const DECISION_ROUTES = [
  {
    id: 'decide',
    method: 'POST',
    path: '/v1/decisions',
    owner: 'gateway',
    access: 'decide',
    summary: 'May this call be made, and by which model?',
    description:
      'Answers 200 also when the answer is no. An allowed or rerouted call gets a hold: settle it ' +
      'with what the call really used, or release it. Tallyward advises, and the app routes: after ' +
      '`restrict` call the model of the answer.',
    body: json(decisionRequest, {
      customer: 'acme',
      workspace: 'emea',
      user: 'u-17',
      role: 'analyst',
      model: 'gpt-4.1',
      estimate: { inputTokens: 1_200, maxOutputTokens: 800 },
      hold: true,
      ttlSeconds: 300,
    }),
    answer: { status: 200, description: 'What to do.', contents: json(decisionAnswer) },
    problems: ['hold-too-long'],
  },
] as const satisfies readonly RouteDeclaration[];
