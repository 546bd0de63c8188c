import { encodeLogEntry, LOG_ENTRY_TYPE, type UsageData } from '@tallyward/contracts';
import { partitionKey, type SettledHold, UNCLASSIFIED } from '@tallyward/domain';
import type { Entry } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';

/** What the gateway stamps on every event of a request; the project comes from the key alone. */
export interface Stamp {
  readonly project: string;
  readonly catalogueVersion: number;
  readonly latenessMs: number;
  /** Model → group. */
  readonly models: ReadonlyMap<string, string>;
  /** Epoch ms. */
  readonly receivedAt: number;
}

export function stampOf({ project }: Identity): Stamp {
  return {
    project: project.project,
    catalogueVersion: project.version,
    latenessMs: project.latenessMs,
    models: project.models,
    receivedAt: Date.now(),
  };
}

/** What makes an event itself, beside its project. */
export interface Envelope {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  /** Epoch ms. */
  readonly time: number;
}

/** A model that nobody registered is unclassified. */
export function groupOf(model: string, { models }: Stamp): string {
  return models.get(model) ?? UNCLASSIFIED;
}

/** The entry of the log that an event becomes which was found good; `hold`: that it settles. */
export function usageEntry(
  event: Envelope,
  data: UsageData,
  content: string,
  stamp: Stamp,
  hold?: SettledHold,
): Entry {
  const { project, catalogueVersion, receivedAt } = stamp;
  const { id, source, subject: customer, time } = event;
  const { model, workspace = '', user = '', role = '', tags } = data;
  const value = encodeLogEntry({
    project,
    customer,
    source,
    id,
    time,
    receivedAt,
    catalogueVersion,
    content,
    model,
    modelGroup: groupOf(model, stamp),
    workspace,
    user,
    role,
    inputTokens: data.inputTokens,
    outputTokens: data.outputTokens,
    cacheReadTokens: data.cacheReadTokens,
    cacheWriteTokens: data.cacheWriteTokens,
    reasoningTokens: data.reasoningTokens,
    images: data.images,
    toolCalls: data.toolCalls,
    tags,
    ...(hold && { hold: { ...hold, parts: [...hold.parts] } }),
  });
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: LOG_ENTRY_TYPE,
    ce_source: source,
    ce_subject: customer,
    ce_time: new Date(time).toISOString(),
  };
  return { key: partitionKey(project, customer), value, headers };
}
