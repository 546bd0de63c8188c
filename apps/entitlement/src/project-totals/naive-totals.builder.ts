import type { LogEntry as LoggedValue, voidEntry } from '@tallyward/contracts';
import { joinFields } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import { createHash } from 'node:crypto';
import type { z } from 'zod';

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
  const met = new Map<string, Met>();
  let conflicts = 0;
  const rows = new Map<string, Map<string, bigint>>();
  for (const { value, appendedAt } of log) {
    const said = JSON.parse(String(value)) as LoggedValue | z.infer<typeof voidEntry>;
    const identity = JSON.stringify([said.project, said.customer, said.source, said.id]);
    const before = met.get(identity);
    const is = before && appendedAt - before.time <= VOUCHING_MS ? before : undefined;
    if ('fact' in said) {
      if (is?.isVoid) continue;
      if (is?.event) addTo(rows, is.event, -1n);
      const time = Math.max(is?.time ?? 0, appendedAt);
      met.set(identity, { event: is?.event ?? null, time, isVoid: true });
    } else if (is === undefined) {
      addTo(rows, said, 1n);
      met.set(identity, { event: said, time: said.time, isVoid: false });
    } else if (is.event === null) {
      met.set(identity, { ...is, event: said, time: Math.max(is.time, said.time) });
    } else if (is.event.content !== said.content) conflicts += 1;
  }
  const totals = Object.fromEntries(
    [...rows].map(([key, sums]) => [
      key,
      Object.fromEntries([...sums].map(([name, sum]) => [name, String(sum)])),
    ]),
  );
  return { totals, conflicts };
}

/** What one identity has met: an event, a void, or both in either order. */
interface Met {
  readonly event: LoggedValue | null;
  readonly time: number;
  readonly isVoid: boolean;
}

function addTo(rows: Map<string, Map<string, bigint>>, event: LoggedValue, times: bigint): void {
  const key = rowKey({ ...event, quarter: event.time - (event.time % QUARTER_MS) });
  const row = rows.get(key) ?? new Map<string, bigint>();
  rows.set(key, row);
  for (const [name, amount] of Object.entries(sumsOf(event))) {
    row.set(name, ((row.get(name) ?? 0n) + times * amount + SIZE) % SIZE);
  }
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
