import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet } from './fleet';
import { Random } from './random';

const PACE_MS = 40;
const RETRY_MS = 150;
const REQUEST_DEADLINE_MS = 15_000;
const DONE_WITHIN_MS = 180_000;
const GROUPS = ['standard', 'premium', 'reasoning'];
/** Calls of the month, given by hand to a customer on the default tier. */
export const GIFT = 7;

export type ChangeKind = 'model' | 'key' | 'project' | 'customer' | 'gift';

/** A change that was answered 2xx, after however many tries. */
export interface Change {
  readonly kind: ChangeKind;
  readonly project: string;
  /** The model, the customer, or the name of the key or project; of a gift, to whom it is. */
  readonly name: string;
  readonly group?: string;
}

/** People who manage a project, and send a change again until it is answered. */
export class Changes {
  readonly answered: Change[] = [];
  readonly faults: string[] = [];
  private readonly random: Random;
  private readonly given = new Set<string>();
  private made = 0;
  private stopping = false;
  private givenUp = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly fleet: Fleet,
    private readonly row: string,
    seed: number,
    private readonly kinds: readonly ChangeKind[] = ['model', 'key', 'model'],
  ) {
    this.random = new Random(`${seed}/${row}/changes`);
  }

  start(): void {
    this.working = Promise.all([this.work(0), this.work(1)]).then(() => undefined);
  }

  /** What is not answered by now is not tried again. */
  giveUp(): void {
    this.givenUp = true;
  }

  /** Resolves when every change that was begun is answered. */
  async finish(): Promise<void> {
    this.stopping = true;
    await this.working;
  }

  /** Each works on a project of its own: the changes of one project have one order. */
  private async work(projectAt: number): Promise<void> {
    const { project = '', key = '' } = this.fleet.projects[projectAt] ?? {};
    while (!this.stopping) {
      await this.carryOut(this.next(project), key);
      await pause(PACE_MS);
    }
  }

  private next(project: string): Change {
    this.made += 1;
    const kind = this.random.of(this.kinds);
    if (kind === 'gift') return this.nextGift(project);
    const name = `${this.row}-${kind}-${this.made}`;
    return { kind, project, name, ...(kind === 'model' ? { group: this.random.of(GROUPS) } : {}) };
  }

  /** To a customer that was made and has none yet; if there is no such, one is made. */
  private nextGift(project: string): Change {
    const without = this.answered.find(
      (made) => made.kind === 'customer' && made.project === project && !this.given.has(made.name),
    );
    if (!without) return { kind: 'customer', project, name: `${this.row}-customer-${this.made}` };
    this.given.add(without.name);
    return { kind: 'gift', project, name: without.name };
  }

  private async carryOut(change: Change, key: string): Promise<void> {
    const until = performance.now() + DONE_WITHIN_MS;
    for (let tried = 0; !this.givenUp && performance.now() < until; tried += 1) {
      const status = await this.ask(change, key, tried).catch(() => 0);
      if (status >= 200 && status < 300) return void this.answered.push(change);
      if (status >= 400 && status < 500 && status !== 429) {
        return void this.faults.push(`${change.name} was answered ${status}`);
      }
      await pause(RETRY_MS);
    }
    this.faults.push(`${change.name} was not answered within ${DONE_WITHIN_MS / 1_000} s`);
  }

  private async ask(change: Change, key: string, tried: number): Promise<number> {
    const { method, path, body } = requestOf(change);
    // Making projects is the operator's, which is project demo's.
    const asker = change.kind === 'project' ? this.fleet.projects[0]?.key : key;
    const answer = await fetch(
      `${this.fleet.gateways[tried % this.fleet.gateways.length]}${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${asker}`,
          'content-type': 'application/json',
          'idempotency-key': `${change.project}-${change.kind}-${change.name}`,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      },
    );
    await answer.arrayBuffer();
    return answer.status;
  }
}

const CALLS = { scope: 'customer', modelGroup: 'standard', unit: 'calls', window: 'month' };
const GIVEN = { limits: [CALLS], amount: GIFT };

function requestOf({ kind, name, group }: Change) {
  switch (kind) {
    case 'model':
      return { method: 'PUT', path: `/v1/models/${name}`, body: { group } };
    case 'key':
      return { method: 'POST', path: '/v1/keys', body: { name, scopes: ['read'] } };
    case 'project':
      return { method: 'POST', path: '/v1/projects', body: { name } };
    case 'customer':
      return { method: 'PUT', path: `/v1/customers/${name}`, body: { name } };
    case 'gift':
      return { method: 'POST', path: `/v1/customers/${name}/replenish`, body: GIVEN };
  }
}
