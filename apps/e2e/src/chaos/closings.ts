import { billingRecord, TOPICS, type BillingRecord } from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { until, usageEvents, type SentEvent } from '@tallyward/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { withPostgres } from '../storage/stored-totals';
import type { Fleet, Project } from './fleet';

const HOUR_MS = 3_600_000;
/** Hours that are over, into which usage goes on coming. */
const HOURS = 30;
const CUSTOMERS = 5;
const WAVE_EVENTS = 20;
const PACE_MS = 250;
const WAVES = 600;
const TOLD_WITHIN_MS = 240_000;
const REQUEST_DEADLINE_MS = 10_000;

interface Of {
  readonly fleet: Fleet;
  readonly key: string;
}

/**
 * Usage of hours that are over, in a project of its own that closes them at once: every wave makes
 * new periods, and revisions of old ones. One customer's totals say more than the log, until the
 * end: its periods must be held back, and go out once that is mended.
 */
export class Closings {
  private sent = 0;
  private stopping = false;
  private working: Promise<void> = Promise.resolve();

  private constructor(
    private readonly of: Of,
    private readonly project: Project,
    private readonly thisHour: number,
  ) {}

  static async start(of: Of): Promise<Closings> {
    const project = await projectThatCloses(of);
    const closings = new Closings(of, project, Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
    await closings.damage();
    closings.working = closings.work();
    return closings;
  }

  async finish(): Promise<void> {
    this.stopping = true;
    await this.working;
  }

  /** Resolves when all that was sent is told. */
  async taken(): Promise<void> {
    await this.onTotals(
      'DELETE FROM entitlement.usage_total WHERE project = $1 AND customer = $2 AND model = $3',
    );
    const isTold = async (): Promise<boolean> => callsOf(await this.told()) === this.sent;
    const what = 'all usage of closed hours to be told';
    await until(isTold, { what, withinMs: TOLD_WITHIN_MS, everyMs: 1_000 });
  }

  /** What readers of the topic would bill wrong. */
  async faults(): Promise<string[]> {
    const told = await this.told();
    const lines = new Map<string, BillingRecord[]>();
    for (const record of told) {
      const { customer, period, tier, model, unit } = record;
      const line = JSON.stringify([customer, period.from, tier.name, tier.version, model, unit]);
      lines.set(line, [...(lines.get(line) ?? []), record]);
    }
    const wrong = [...lines].flatMap(([line, records]) => {
      const sum = records.reduce((all, { delta }) => all + delta, 0);
      const last = records.reduce((a, b) => (a.revision > b.revision ? a : b));
      return sum === last.quantity ? [] : [`${line}: deltas of ${sum}, told ${last.quantity}`];
    });
    const calls = callsOf(told);
    return calls === this.sent ? wrong : [...wrong, `${this.sent} calls sent, ${calls} told`];
  }

  /** The records of the project, each once; one id with two contents is a fault. */
  private async told(): Promise<BillingRecord[]> {
    const { log } = this.of.fleet;
    const { name: topic } = TOPICS.billingRecords;
    const values = new Map<string, string>();
    for (const [partition, to] of await log.admin.endOffsets(topic)) {
      if (to === 0n) continue;
      await log.readRange({
        ...{ topic, partition, from: 0n, to },
        onEntries: (entries) => {
          for (const { value } of entries) keep(values, value?.toString() ?? '');
        },
      });
    }
    const records = [...values.values()].map((text) => billingRecord.parse(JSON.parse(text)));
    return records.filter(({ project }) => project === this.project.project);
  }

  private async work(): Promise<void> {
    for (let wave = 0; wave < WAVES && !this.stopping; wave += 1) {
      const events = usageEvents(WAVE_EVENTS, (n) => ({
        id: `${this.of.key}-closing-${wave}-${n}`,
        customer: `customer-${n % CUSTOMERS}`,
        time: new Date(this.thisHour - (1 + ((wave * 7 + n) % HOURS)) * HOUR_MS + n).toISOString(),
      }));
      await this.send(events);
      this.sent += events.length;
      await pause(PACE_MS);
    }
  }

  /** The same ids until they are acked. */
  private async send(events: readonly SentEvent[]): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const url = this.of.fleet.gateways[tries % this.of.fleet.gateways.length];
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.project.key}`,
          'content-type': 'application/cloudevents-batch+json',
        },
        body: JSON.stringify(events),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      }).catch(() => undefined);
      if (answer?.status === 202) return;
      await pause(PACE_MS);
    }
  }

  /** A row of totals that no event of the log is behind, in an hour that is over. */
  private async damage(): Promise<void> {
    await this.onTotals(
      `INSERT INTO entitlement.usage_total (project, customer, model, partition, quarter, workspace,
         "user", role, model_group, proof, calls, tokens, input_tokens, output_tokens,
         cache_read_tokens, cache_write_tokens, reasoning_tokens, images, tool_calls)
       VALUES ($1, $2, $3, $4, $5, '', '', '', '', 1, 1, 1, 1, 0, 0, 0, 0, 0, 0)`,
      partitionOf(partitionKey(this.project.project, 'customer-0'), USAGE_PARTITIONS),
      this.thisHour - HOUR_MS,
    );
  }

  private onTotals(sql: string, ...more: unknown[]): Promise<unknown> {
    const planted = [this.project.project, 'customer-0', 'planted'];
    return withPostgres(this.of.fleet.bed.postgres.admin, (client) =>
      client.query(sql, [...planted, ...more]),
    );
  }
}

function keep(values: Map<string, string>, text: string): void {
  const { recordId } = JSON.parse(text) as { recordId: string };
  const was = values.get(recordId);
  if (was !== undefined && was !== text) throw new Error(`record ${recordId} has two contents`);
  values.set(recordId, text);
}

const callsOf = (told: readonly BillingRecord[]): number =>
  told.reduce((sum, { unit, delta }) => sum + (unit === 'calls' ? delta : 0), 0);

/** Gateways may not know the key at once. */
async function projectThatCloses({ fleet, key }: Of): Promise<Project> {
  const ask = (method: string, path: string, auth: string, body: unknown) =>
    fetch(`${fleet.gateways[0]}${path}`, {
      method,
      headers: { authorization: `Bearer ${auth}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
  const operator = fleet.projects[0]?.key ?? '';
  const made = await ask('POST', '/v1/projects', operator, { name: `closing ${key}` });
  const project = (await made.json()) as Project;
  const closing = { every: 'hour', grace: 'PT0S' };
  await until(async () => (await ask('PUT', '/v1/settings', project.key, { closing })).ok, {
    what: 'a project that closes its hours',
    withinMs: 30_000,
  });
  return project;
}
