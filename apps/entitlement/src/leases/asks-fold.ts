import { Inject, Injectable } from '@nestjs/common';
import { MAX_QUOTA_ITEMS, type QuotaGrant } from '@tallyward/contracts';
import { crashPoint, foldSpan, type Log, type LogBatch } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { LeaseStore } from '../storage/leases/lease-store';
import type { StoredLease } from '../storage/leases/leases';
import { PlanPassed } from './counter-book';
import { GrantsSender } from './grants-sender';
import { HeldByGateways } from './held-elsewhere';
import { leaseMetrics, recordTaken } from './lease-metrics';
import { type LeaseReturned, type ReadAsks, readAsks } from './read-asks';
import { RefusedGateways } from './refused-gateways';
import { expectGap, refusal, takeInTurn } from '../take-in-turn';
import { type AsksAnswer, takeAsks, type TakenAsks } from './take-asks';
import { KnownTiers } from './tier-rules';

const SPANS = { batch: 'take asks', entry: 'take quota ask' };
/** A window or a tier that ends in mid-batch is looked at anew: the next ends much later. */
const MOST_LOOKS = 4;
/** Returns of one partition that wait for a change of their customer to end. */
const MOST_LATER = 1_000;

/**
 * Answers batches of asks, each in one transaction, and tells gateways after the commit. A batch
 * that throws has changed nothing, or everything and the answer was lost: it comes again from where
 * the store is, and a gateway whose answer was lost repeats its ask.
 */
@Injectable()
export class AsksFold {
  private readonly tiers = new KnownTiers();
  /** By partition. Lost with the process, or above MOST_LATER, its leases are reclaimed in time. */
  private readonly later = new Map<number, readonly LeaseReturned[]>();
  /** For reads, too. */
  readonly held = new HeldByGateways();

  constructor(
    private readonly store: LeaseStore,
    private readonly sender: GrantsSender,
    private readonly refused: RefusedGateways,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'readRange' | 'admin'>,
  ) {}

  async fold(batch: LogBatch): Promise<void> {
    const started = performance.now();
    let outcome = 'failed';
    try {
      const read = this.withPutOff(readAsks(batch));
      const elsewhere = read.counted.flatMap((counted) => this.held.note(counted));
      const answer = await foldSpan(batch, SPANS, () => this.answer(read));
      if (answer.kind !== 'taken') throw refusal(batch, answer);
      this.later.set(batch.partition, answer.later.slice(0, MOST_LATER));
      recordTaken(answer);
      for (const reason of read.unreadable) leaseMetrics().passedOver.add(1, { reason });
      await this.sender.send([...this.toTell(read, answer), ...elsewhere]);
      outcome = 'taken';
    } finally {
      const seconds = (performance.now() - started) / 1_000;
      leaseMetrics().seconds.record(seconds, { outcome });
    }
  }

  /** What came back of customers that a change had locked comes first. */
  private withPutOff(read: ReadAsks): ReadAsks {
    const later = this.later.get(read.partition) ?? [];
    return later.length === 0 ? read : { ...read, returned: [...later, ...read.returned] };
  }

  private answer(batch: ReadAsks): Promise<AsksAnswer> {
    return takeInTurn(
      batch,
      (from) => this.attempt(batch, from),
      (from) => this.expectNothing(batch, from),
    );
  }

  private async attempt(batch: ReadAsks, from: bigint): Promise<AsksAnswer> {
    const { tiers, held } = this;
    const heldElsewhere = held.elsewhere.bind(held);
    for (let look = 1; ; look += 1) {
      try {
        const answer = await this.store.take((transaction) =>
          takeAsks(transaction, batch, from, { tiers, heldElsewhere }),
        );
        crashPoint('leases.after-commit');
        return answer;
      } catch (error) {
        if (!(error instanceof PlanPassed) || look === MOST_LOOKS) throw error;
      }
    }
  }

  /** What retention took before anybody read it, nobody waits for. */
  private async expectNothing(batch: ReadAsks, next: bigint): Promise<void> {
    const { topic, partition, from: to } = batch;
    const begin = (await this.log.admin.beginOffsets(topic)).get(partition) ?? 0n;
    const from = begin > next ? begin : next;
    if (from < to) await expectGap(this.log, batch, from);
  }

  /** What came back is told to those who waited before the batch's own refusals wait for more. */
  private toTell(read: ReadAsks, { answers, freed, recalled, decided }: TakenAsks): QuotaGrant[] {
    const news = this.refused.freed(freed);
    for (const { planned, held } of decided) {
      for (const counter of held) this.refused.note(counter, planned.ask.gateway);
    }
    const released = read.released.map(({ gateway, hold }): QuotaGrant => {
      return { type: 'hold.released', gateway, hold };
    });
    return [...answers, ...released, ...recalls(recalled), ...news];
  }
}

function recalls(leases: readonly StoredLease[]): QuotaGrant[] {
  const byGateway = new Map<string, StoredLease[]>();
  for (const lease of leases) {
    const own = byGateway.get(lease.gateway);
    if (own) own.push(lease);
    else byGateway.set(lease.gateway, [lease]);
  }
  return [...byGateway].flatMap(([gateway, own]) => {
    const told: QuotaGrant[] = [];
    for (let at = 0; at < own.length; at += MAX_QUOTA_ITEMS) {
      const ids = own.slice(at, at + MAX_QUOTA_ITEMS).map(({ id }) => id);
      told.push({ type: 'lease.recalled', gateway, leases: ids });
    }
    return told;
  });
}
