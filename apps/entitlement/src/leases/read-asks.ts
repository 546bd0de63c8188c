import { type QuotaAsk, quotaAsk } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { LogBatch, LogEntry } from '@tallyward/platform';

export type LeaseAsked = Extract<QuotaAsk, { type: 'lease.asked' }>;
export type LeaseReturned = Extract<QuotaAsk, { type: 'lease.returned' }>;
export type HoldReleased = Extract<QuotaAsk, { type: 'hold.released' }>;
export type HoldCounted = Extract<QuotaAsk, { type: 'hold.counted' }>;

/** An ask at its place in the log. */
export interface PlacedAsk {
  readonly ask: LeaseAsked;
  /** The broker's clock, epoch ms. */
  readonly appendedAt: number;
}

/** A batch of what gateways say, sorted by what it is; each kind in its order. */
export interface ReadAsks {
  readonly topic: string;
  readonly partition: number;
  readonly identity: string;
  /** Offset of its first entry. */
  readonly from: bigint;
  /** Offset after its last entry. */
  readonly next: bigint;
  /** Greatest append time in it, epoch ms. */
  readonly reached: number;
  readonly asks: readonly PlacedAsk[];
  readonly returned: readonly LeaseReturned[];
  readonly released: readonly HoldReleased[];
  readonly counted: readonly HoldCounted[];
  /** What nobody can act on, one reason for each: passed over. */
  readonly unreadable: readonly Unreadable[];
}

export type Unreadable = 'not-json' | 'not-an-ask' | 'wrong-key';

export function readAsks(
  batch: Pick<LogBatch, 'topic' | 'partition' | 'identity' | 'entries' | 'next'>,
): ReadAsks {
  const { topic, partition, identity, entries, next } = batch;
  const [first] = entries;
  if (!first) throw new Error(`an empty batch of partition ${partition}`);
  const asks: PlacedAsk[] = [];
  const returned: LeaseReturned[] = [];
  const released: HoldReleased[] = [];
  const counted: HoldCounted[] = [];
  const unreadable: Unreadable[] = [];
  let reached = 0;
  for (const entry of entries) {
    reached = Math.max(reached, entry.appendedAt);
    const said = readAsk(entry);
    if (typeof said === 'string') unreadable.push(said);
    else if (said.type === 'lease.asked') asks.push({ ask: said, appendedAt: entry.appendedAt });
    else if (said.type === 'lease.returned') returned.push(said);
    else if (said.type === 'hold.released') released.push(said);
    else counted.push(said);
  }
  const place = { topic, partition, identity, from: first.offset, next, reached };
  return { ...place, asks, returned, released, counted, unreadable };
}

function readAsk({ key, value }: LogEntry): QuotaAsk | Unreadable {
  let json: unknown;
  try {
    json = JSON.parse(String(value));
  } catch {
    return 'not-json';
  }
  const parsed = quotaAsk.safeParse(json);
  if (!parsed.success) return 'not-an-ask';
  const { project, customer } = parsed.data;
  if (!isSound(parsed.data)) return 'not-an-ask';
  return partitionKey(project, customer) === key ? parsed.data : 'wrong-key';
}

/** What would fail in Postgres would be tried for ever: each limit once, and no text with a NUL. */
function isSound(said: QuotaAsk): boolean {
  if (hasNul(said)) return false;
  if (said.type !== 'lease.asked') return true;
  return new Set(said.wants.map(({ limit }) => limit)).size === said.wants.length;
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNul);
}
