import type { DecisionAnswer } from '@tallyward/contracts';

const REQUEST_DEADLINE_MS = 20_000;

/** What a gateway said; `away`: nothing, as when it was killed. */
export type Said<T> =
  { readonly kind: 'said'; readonly status: number; readonly body: T } | { readonly kind: 'away' };

export interface Wanted {
  readonly customer: string;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly ttlSeconds: number;
}

export const SALE_MODEL = 'sale-model';

/** One gateway, as an app meets it. */
export class AtGateway {
  constructor(
    readonly url: string,
    private readonly key: string,
  ) {}

  decide({ customer, inputTokens, maxOutputTokens, ttlSeconds }: Wanted) {
    const estimate = { inputTokens, maxOutputTokens };
    const body = { customer, model: SALE_MODEL, estimate, ttlSeconds };
    return this.post<DecisionAnswer>('/v1/decisions', body);
  }

  settle(hold: string, inputTokens: number, outputTokens: number) {
    const data = { model: SALE_MODEL, inputTokens, outputTokens };
    return this.post(`/v1/holds/${encodeURIComponent(hold)}/settle`, data);
  }

  release(hold: string) {
    return this.post(`/v1/holds/${encodeURIComponent(hold)}/release`, undefined);
  }

  post<T = unknown>(path: string, body: unknown): Promise<Said<T>> {
    return this.ask<T>('POST', path, body);
  }

  put<T = unknown>(path: string, body: unknown): Promise<Said<T>> {
    return this.ask<T>('PUT', path, body);
  }

  get<T = unknown>(path: string): Promise<Said<T>> {
    return this.ask<T>('GET', path, undefined);
  }

  private async ask<T>(method: string, path: string, body: unknown): Promise<Said<T>> {
    try {
      const answer = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      });
      const text = await answer.text();
      const read = (text === '' ? {} : JSON.parse(text)) as T;
      return { kind: 'said', status: answer.status, body: read };
    } catch {
      return { kind: 'away' };
    }
  }
}
