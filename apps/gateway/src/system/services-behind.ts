import { type FoldPlace, foldPlaces, quarantinedLately } from '@tallyward/contracts';
import { CALLER_HEADER, signCaller } from '@tallyward/platform';
import { z } from 'zod';

/** A service that does not answer within this is taken for away. */
const ANSWER_WITHIN_MS = 2_000;
/** Asks for this gateway itself, where nothing of a project is told. */
const NO_PROJECT = '-';

export type BehindName = 'entitlement' | 'aggregator';
export interface ServiceState {
  readonly state: 'up' | 'degraded' | 'down';
  readonly detail: string;
}

const notReady = z.object({ detail: z.string() });

/** Asks the services behind how they are; whatever goes wrong is an answer too. */
export class ServicesBehind {
  constructor(
    private readonly addresses: Readonly<Record<BehindName, string>>,
    private readonly secret: string,
  ) {}

  async state(service: BehindName): Promise<ServiceState> {
    const found = await this.ask(service, '/readyz', NO_PROJECT, false);
    if (found === null) return { state: 'down', detail: 'does not answer' };
    if (found.status === 200) return { state: 'up', detail: 'ready' };
    const said = notReady.safeParse(found.body).data?.detail;
    return { state: 'degraded', detail: said ?? `answers ${found.status}` };
  }

  async folds(service: BehindName): Promise<FoldPlace[]> {
    const found = await this.ask(service, '/internal/folds', NO_PROJECT, false);
    return foldPlaces.safeParse(found?.body).data?.folds ?? [];
  }

  /** Null: entitlement does not say. `operator`: with what nobody's is known to be. */
  async quarantined(project: string, operator: boolean): Promise<number | null> {
    const found = await this.ask('entitlement', '/internal/quarantined', project, operator);
    return quarantinedLately.safeParse(found?.body).data?.last24h ?? null;
  }

  private async ask(
    service: BehindName,
    path: string,
    project: string,
    operator: boolean,
  ): Promise<{ readonly status: number; readonly body: unknown } | null> {
    const self = { keyId: 'gateway', actor: 'gateway', operator };
    const caller = signCaller({ project, scopes: ['read'], ...self }, this.secret);
    try {
      const answer = await fetch(`${this.addresses[service]}${path}`, {
        headers: { [CALLER_HEADER]: caller },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      // Away, late, or no JSON: it does not say.
      return null;
    }
  }
}
