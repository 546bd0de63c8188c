import type { LogEntry as LoggedValue } from '@tallyward/contracts';
import { joinFields } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import { createHash } from 'node:crypto';

const QUARTER_MS = 900_000;
const VOUCHING_MS = 36 * 86_400_000;
const SIZE = 1n << 128n;

/** Sums by row key; `proof` is one of them, in decimal digits like every other sum. */
export type NaiveTotals = Record<string, Record<string, string>>;

export interface NaiveCount {
  readonly totals: NaiveTotals;
  /** Events with the identity of one that counts and other content. */
  readonly conflicts: number;
}

export function naiveTotals(log: readonly LogEntry[]): NaiveTotals {
  return naiveCount(log).totals;
}

/**
 * For specs: totals of one partition's log by the plainest means, from its good entries in their
 * order, without batches, keys or tables. Shares nothing with the fold but the bytes of a proof.
 */
export function naiveCount(log: readonly LogEntry[]): NaiveCount {
  const first = new Map<string, LoggedValue>();
  let conflicts = 0;
  const rows = new Map<string, Map<string, bigint>>();
  for (const { value, appendedAt } of log) {
    const event = JSON.parse(String(value)) as LoggedValue;
    const identity = JSON.stringify([event.project, event.customer, event.source, event.id]);
    const vouching = first.get(identity);
    if (vouching !== undefined && appendedAt - vouching.time <= VOUCHING_MS) {
      if (vouching.content !== event.content) conflicts += 1;
      continue;
    }
    first.set(identity, event);
    const key = rowKey({ ...event, quarter: event.time - (event.time % QUARTER_MS) });
    const row = rows.get(key) ?? new Map<string, bigint>();
    rows.set(key, row);
    for (const [name, amount] of Object.entries(sumsOf(event))) {
      row.set(name, ((row.get(name) ?? 0n) + amount) % SIZE);
    }
  }
  const totals = Object.fromEntries(
    [...rows].map(([key, sums]) => [
      key,
      Object.fromEntries([...sums].map(([name, sum]) => [name, String(sum)])),
    ]),
  );
  return { totals, conflicts };
}

export function rowKey(row: {
  readonly project: string;
  readonly customer: string;
  readonly quarter: number | bigint;
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly model: string;
  readonly modelGroup: string;
}): string {
  const { project, customer, quarter, workspace, user, role, model, modelGroup } = row;
  const fields = [project, customer, Number(quarter), workspace, user, role, model, modelGroup];
  return JSON.stringify(fields);
}

function sumsOf(event: LoggedValue): Record<string, bigint> {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = event;
  const { reasoningTokens, images, toolCalls } = event;
  const units = {
    calls: 1,
    tokens: inputTokens + outputTokens,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    images,
    toolCalls,
  };
  const { customer, source, id, time, model, modelGroup, workspace, user, role } = event;
  const labels = [customer, source, id, time, model, modelGroup, workspace, user, role];
  const text = joinFields([...labels, ...Object.values(units)]);
  const digest = createHash('md5').update(text).digest().reverse().toString('hex');
  const amounts = Object.entries(units).map(([name, amount]) => [name, BigInt(amount)] as const);
  return { ...Object.fromEntries(amounts), proof: BigInt(`0x${digest}`) };
}
