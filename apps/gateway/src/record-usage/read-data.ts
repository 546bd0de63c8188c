import { isName, TAGS, usageData, type UsageData } from '@tallyward/contracts';
import { MAX_EVENT_QUANTITY } from '@tallyward/domain';

export type ReadData =
  | { readonly kind: 'data'; readonly data: UsageData }
  | { readonly kind: 'fault'; readonly detail: string };

const MOST_FAULTS_TOLD = 5;
const PLAIN = /^[ -~]*$/;
const KNOWN = new Set(Object.keys(usageData.shape));

/**
 * Reads an event's data as the contract's schema does. Nearly all data is plain, and is told so
 * without the schema; whatever is not goes through it, and so do all faults.
 */
export function readData(given: unknown): ReadData {
  const plain = plainData(given);
  return plain ? { kind: 'data', data: plain } : dataBySchema(given);
}

/** The schema's verdict. */
export function dataBySchema(given: unknown): ReadData {
  if (given === undefined) return fault('data: send it as a JSON object');
  const read = usageData.safeParse(given);
  if (!read.success) {
    const faults = read.error.issues
      .slice(0, MOST_FAULTS_TOLD)
      .map(({ path, message }) => `${['data', ...path].join('.')}: ${message}`);
    return fault(faults.join('; '));
  }
  // The schema leaves this key out in silence, and what was sent would not be what is kept.
  const tags = (given as { tags?: object }).tags;
  if (tags && Object.hasOwn(tags, '__proto__')) return fault('data.tags: a key is not taken');
  return { kind: 'data', data: read.data };
}

function fault(detail: string): ReadData {
  return { kind: 'fault', detail };
}

type Given = { readonly [K in keyof UsageData]?: unknown };

/** Undefined: not plain, ask the schema. */
export function plainData(given: unknown): UsageData | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  for (const key in given) if (!KNOWN.has(key)) return undefined;
  const sent = given as Given;
  const { model, workspace, user, role } = sent;
  if (!isName(model) || !isOptionalName(workspace)) return undefined;
  if (!isOptionalName(user) || !isOptionalName(role)) return undefined;
  const data = {
    model,
    inputTokens: sent.inputTokens ?? 0,
    outputTokens: sent.outputTokens ?? 0,
    cacheReadTokens: sent.cacheReadTokens ?? 0,
    cacheWriteTokens: sent.cacheWriteTokens ?? 0,
    reasoningTokens: sent.reasoningTokens ?? 0,
    images: sent.images ?? 0,
    toolCalls: sent.toolCalls ?? 0,
    workspace,
    user,
    role,
    tags: sent.tags ?? {},
  };
  return hasQuantities(sent) && isPlainTags(sent.tags) ? (data as UsageData) : undefined;
}

function hasQuantities(sent: Given): boolean {
  return (
    isQuantity(sent.inputTokens) &&
    isQuantity(sent.outputTokens) &&
    isQuantity(sent.cacheReadTokens) &&
    isQuantity(sent.cacheWriteTokens) &&
    isQuantity(sent.reasoningTokens) &&
    isQuantity(sent.images) &&
    isQuantity(sent.toolCalls)
  );
}

function isQuantity(value: unknown): boolean {
  if (value === undefined) return true;
  return (
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_EVENT_QUANTITY
  );
}

function isOptionalName(value: unknown): value is string | undefined {
  return value === undefined || isName(value);
}

function isPlainTags(tags: unknown): boolean {
  if (tags === undefined) return true;
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return false;
  let count = 0;
  for (const [key, value] of Object.entries(tags)) {
    if (++count > TAGS.count || key === '' || key === '__proto__') return false;
    if (!isPlainText(key, TAGS.keyBytes) || !isPlainText(value, TAGS.valueBytes)) return false;
  }
  return true;
}

function isPlainText(value: unknown, bytes: number): boolean {
  return typeof value === 'string' && value.length <= bytes && PLAIN.test(value);
}
