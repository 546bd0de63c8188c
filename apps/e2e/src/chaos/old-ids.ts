import { encodeLogEntry } from '@tallyward/contracts';
import { PARK_AFTER_MS, partitionKey } from '@tallyward/domain';
import { appendBackdated, usageEvent, type SentEvent } from '@tallyward/testing';
import { hash } from 'node:crypto';
import type { Row } from './row';

/** Past what a key vouches for, and half a day before it may be pruned. */
const AGE_MS = PARK_AFTER_MS + 43_200_000;
const IDS = 40;
const CUSTOMERS = 4;
/** More than the stream ever has: the old event and the new one differ. */
const INPUT_TOKENS = 10_000;

/**
 * Events that the log took so long ago that their keys no longer vouch for them, and are still
 * there. The stream uses their ids again: those count as new events.
 */
export async function appendOldIds(row: Row): Promise<void> {
  const { fleet, load, stream } = row;
  const time = Date.now() - AGE_MS;
  const entries = fleet.projects.flatMap(({ project }, at) => {
    const events = Array.from({ length: IDS }, (_, n) => oldEvent(row.key, n, time));
    for (const event of events) {
      load.truth.sent(project, event);
      load.truth.acked(project, event);
      stream.useAgain(at, event);
    }
    return events.map((event) => entryOf(project, event, time));
  });
  await appendBackdated(fleet.bed, entries, time);
  await fleet.folded();
}

const oldEvent = (row: string, n: number, time: number): SentEvent =>
  usageEvent({
    id: `${row}-old-${n}`,
    source: 'chaos',
    customer: `${row}-old${n % CUSTOMERS}`,
    model: 'o1',
    time,
    inputTokens: INPUT_TOKENS + n,
    outputTokens: n,
  });

/** As a gateway of that time wrote it. */
function entryOf(
  project: string,
  { id, source, subject: customer, data }: SentEvent,
  time: number,
) {
  const { model, inputTokens = 0, outputTokens = 0 } = data;
  const none = {
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images: 0,
    toolCalls: 0,
  };
  const value = encodeLogEntry({
    ...{ project, customer, source, id, time, receivedAt: time, catalogueVersion: 1 },
    content: hash('sha256', `${project}/${id}`, 'hex'),
    ...{ model, modelGroup: 'standard', workspace: '', user: '', role: '' },
    ...{ inputTokens, outputTokens, ...none, tags: {} },
  });
  return { key: partitionKey(project, customer), value };
}
