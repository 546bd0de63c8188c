import { z } from 'zod';
import { usageData } from '../cloud-event';
import { HOLD_ID_CHARACTERS, holdSettled } from '../decisions';
import { json, type RouteDeclaration } from './route';

const params = z.object({
  holdId: z.string().min(1).max(HOLD_ID_CHARACTERS).meta({ description: 'As a decision gave it.' }),
});

const used = { model: 'gpt-4.1', inputTokens: 1_180, outputTokens: 412 };

export const HOLD_ROUTES = [
  {
    id: 'settleHold',
    method: 'POST',
    path: '/v1/holds/{holdId}/settle',
    owner: 'gateway',
    access: 'decide',
    summary: 'Settle a hold with what its call really used.',
    description:
      'Makes one usage event, with the source `hold`, the customer of the hold and the instant ' +
      'of its admission; answered once the log has it. Works at any gateway. Settled twice it is ' +
      'still one event: with the same body the answer is the same, another body is answered the ' +
      'same way, and is set aside, since the first counts. Late, or more than was held: counted, ' +
      'never refused, up to 35 days after the admission. After a 503 settle again with the same ' +
      'body. Labels that the body leaves out are those of the decision.',
    params,
    body: json(usageData, used),
    answer: {
      status: 202,
      description: 'The log has it.',
      contents: json(holdSettled, { eventId: 'gateway-1.x7k2m9Lq.81207', aboveHold: false }),
    },
    problems: ['hold-not-found', 'events-rejected', 'not-durable'],
  },
  {
    id: 'releaseHold',
    method: 'POST',
    path: '/v1/holds/{holdId}/release',
    owner: 'gateway',
    access: 'decide',
    summary: 'Give a hold back whole: its call was not made.',
    description:
      'At the gateway that admitted it, at once; elsewhere within a second if that gateway ' +
      'lives, else when the hold expires. Refused once it was settled; settled at another gateway: ' +
      'once the trail of events has it, a second or two later. What is settled after a release ' +
      'counts as reported without a hold.',
    params,
    answer: { status: 204, description: 'Nothing is held any more, or soon.', contents: {} },
    problems: ['hold-not-found', 'hold-settled', 'not-durable'],
  },
] as const satisfies readonly RouteDeclaration[];
