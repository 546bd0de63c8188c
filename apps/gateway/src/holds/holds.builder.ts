import type { LogEntry } from '@tallyward/contracts';
import type { HoldToken } from '@tallyward/domain';
import type { AppendOutcome, Entry } from '@tallyward/platform';
import type { Deciding } from '../decide/decide.builder';
import { aTierLimit } from '../decide/decide.builder';
import { type MadeKey, projectOf } from '../gateway.builder';
import { Leases } from '../leases/leases';
import { HoldTokens } from './hold-tokens';

export interface HoldAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** What becomes of an append that the log gave no answer to. */
export const UNKNOWN: AppendOutcome = { kind: 'unknown', reason: 'no answer within 8000 ms' };
export const OVERLOADED: AppendOutcome = { kind: 'refused', reason: 'overloaded' };
export const NOT_SENT: AppendOutcome = { kind: 'refused', reason: 'not-sent' };
export const all = (outcome: AppendOutcome) => (entries: Entry[]) =>
  Promise.resolve(entries.map(() => outcome));

const calls = aTierLimit();
export const tokens = aTierLimit({ unit: 'tokens', amount: 1_000 });
/** Holds 1 call and 100 tokens. */
export const estimate = { inputTokens: 60, maxOutputTokens: 40 };
export const LABELS = { workspace: 'emea', user: 'u-17', role: 'analyst' };

/** One gateway's holds, as its clients and its leases see them. */
export class HoldsSeen {
  readonly tokens: HoldTokens;
  private readonly leases: Leases;

  constructor(readonly deciding: Deciding) {
    this.tokens = deciding.gateway.service.app.get(HoldTokens);
    this.leases = deciding.gateway.service.app.get(Leases);
  }

  get process(): string {
    return this.leases.process.id;
  }

  /** A hold of 1 call and 100 tokens, of a customer of its own. */
  async admitted(more: object = {}): Promise<{ holdId: string; token: HoldToken }> {
    const customer = this.deciding.customer(calls, tokens);
    const { holdId } = await this.deciding.decide(customer, { estimate, ...LABELS, ...more });
    const token = this.tokens.read(holdId ?? '', 'demo');
    if (holdId === null || !token) throw new Error('not admitted');
    return { holdId, token };
  }

  settle(holdId: string, body: unknown, headers: Record<string, string> = {}, key?: MadeKey) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send(
      `${holdId}/settle`,
      text,
      { 'content-type': 'application/json', ...headers },
      key,
    );
  }

  release(holdId: string, key?: MadeKey): Promise<HoldAnswer> {
    return this.send(`${holdId}/release`, undefined, {}, key);
  }

  /** A key of another project. */
  another(project: string, key: MadeKey): MadeKey {
    this.deciding.gateway.log.snapshot(`p:${project}`, projectOf(project, [key]));
    return key;
  }

  /** Tokens of a customer that this gateway may hold anew. */
  free({ customer }: HoldToken): number {
    let free = 0;
    for (const { granted, free: left } of this.leases.book.inHand()) {
      if (granted.limit.includes(`:${customer}\0`) && granted.limit.includes('"tokens"'))
        free += left;
    }
    return free;
  }

  /** What the log has of a hold's settlements. */
  settlements({ hold, gateway }: HoldToken): LogEntry[] {
    return this.deciding.gateway.log.appended
      .map(({ value }) => JSON.parse(String(value)) as LogEntry)
      .filter(({ source, id }) => source === 'hold' && id === `${gateway}.${hold}`);
  }

  private async send(
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
    { key }: MadeKey = this.deciding.key,
  ): Promise<HoldAnswer> {
    const response = await fetch(`${this.deciding.gateway.url}/v1/holds/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const read = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: read };
  }
}
