import { USAGE_EVENT_TYPE, type UsageCloudEvent } from '@tallyward/contracts';

type UsageData = UsageCloudEvent['data'];
type SentData = Partial<UsageData>;

export interface Given extends SentData {
  readonly id?: string;
  readonly source?: string;
  readonly customer?: string;
  /** Epoch milliseconds or RFC 3339; default: a second ago. */
  readonly time?: number | string;
}

export interface SentEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: typeof USAGE_EVENT_TYPE;
  readonly subject: string;
  readonly time: string;
  readonly data: SentData & { readonly model: string };
}

let counted = 0;
const A_SECOND_MS = 1_000;

/** A usage event as a client sends it; what isn't given has a plain value, ids count up. */
export function usageEvent(given: Given = {}): SentEvent {
  const { id, source, customer, time, ...data } = given;
  const at = typeof time === 'string' ? time : new Date(time ?? Date.now() - A_SECOND_MS);
  return {
    specversion: '1.0',
    id: id ?? `event-${++counted}`,
    source: source ?? 'spec',
    type: USAGE_EVENT_TYPE,
    subject: customer ?? 'acme',
    time: typeof at === 'string' ? at : at.toISOString(),
    data: { model: 'gpt-4o', inputTokens: 10, outputTokens: 5, ...data },
  };
}

/** `count` events that differ in id; `each` gives what else differs. */
export const usageEvents = (count: number, each: (n: number) => Given = () => ({})): SentEvent[] =>
  Array.from({ length: count }, (_, n) => usageEvent(each(n)));
