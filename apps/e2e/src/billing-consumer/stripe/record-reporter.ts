import type { Sending, StripeEvents } from '../../storage/billing-consumer/stripe-events';
import {
  decideEvent,
  mayTryAgain,
  type MeteredRecord,
  type NotByMeter,
  type Told,
} from './decide-event';
import type { Metering } from './meter-event';
import type { SendOutcome } from './stripe-answer';
import type { StripeSender } from './stripe-sender';

const PAGE_RECORDS = 200;
/** One that Stripe fails on holds up no other; after so many, Stripe is away: the round ends. */
const MOST_AWAY = 5;
const NOTHING_TOLD: Told = { live: [], isUndecided: false };

/** What a round came to: records by what became of them. */
export type Round = Readonly<Record<string, number>>;
/** `away`: Stripe did not take it now; the next round tries again. */
type Settled = 'sent' | 'not-by-meter' | 'away';

/**
 * Tells Stripe what it was never told. Before a request goes out the store says that it is on its
 * way, so that a process that dies in between neither forgets it nor sends it as another.
 */
export class RecordReporter {
  constructor(
    private readonly events: StripeEvents,
    private readonly sender: Pick<StripeSender, 'send' | 'cancel'>,
    private readonly metering: Metering,
    private readonly clock: () => number = Date.now,
  ) {}

  /** First what is under way, then what is new, until all is decided or Stripe is away. */
  async report(): Promise<Round> {
    const round: Record<string, number> = {};
    /** False when the round is over. */
    const goesOn = (what: string): boolean => {
      round[what] = (round[what] ?? 0) + 1;
      return (round['away'] ?? 0) < MOST_AWAY;
    };
    for (const sending of await this.events.sending()) {
      if (!goesOn(await this.settle(sending))) return round;
    }
    let arrival = '0';
    for (;;) {
      const page = await this.events.undecided(arrival, PAGE_RECORDS);
      for (const record of page) {
        if (!goesOn(await this.take(record))) return round;
      }
      if (page.length < PAGE_RECORDS) return round;
      arrival = page.at(-1)?.arrival ?? arrival;
    }
  }

  /** What became of it, in a word. */
  private async take(record: MeteredRecord): Promise<string> {
    const { project, customer, recordId } = record;
    const key = { project, customer, recordId };
    const now = this.clock();
    const plain = decideEvent(record, this.metering, NOTHING_TOLD, now);
    // Most records are not metered: the store is asked only where what was told may matter.
    const answer =
      plain.kind === 'nothing'
        ? plain
        : decideEvent(record, this.metering, await this.events.told(key), now);
    switch (answer.kind) {
      case 'wait':
        return `waits: ${answer.reason}`;
      case 'nothing':
        await this.events.nothing(key, answer.reason, now);
        return answer.reason;
      case 'not-by-meter': {
        const { reason, outstanding } = answer;
        await this.events.notByMeter({ ...key, reason, outstanding, detail: null }, now);
        return answer.kind;
      }
      case 'send': {
        const { event } = answer;
        return this.begin({
          ...key,
          event,
          eventName: event.eventName,
          cancel: null,
          triedAt: now,
        });
      }
      case 'cancel-and-resend': {
        const { event, eventName, cancel } = answer;
        return this.begin({ ...key, event, eventName, cancel, triedAt: now });
      }
    }
  }

  private async begin(sending: Sending): Promise<string> {
    if (!(await this.events.begin(sending))) return 'begun elsewhere';
    return this.settle(sending, true);
  }

  /** `isFirst`: nothing of it can have gone out before. */
  private async settle(sending: Sending, isFirst = false): Promise<Settled> {
    const { cancel, event, triedAt } = sending;
    const owed = event?.value ?? 0;
    if (!mayTryAgain(triedAt, event, this.clock())) {
      const also = cancel ? `; whether ${cancel.identifier} is canceled is not known either` : '';
      return this.surface(sending, 'outcome-unknown', owed, `no answer within a day${also}`);
    }
    if (cancel) {
      const canceled = await this.sender.cancel(sending.eventName, cancel.identifier);
      if (canceled.kind === 'refused') {
        return this.surface(sending, 'cancel-refused', owed - cancel.value, canceled.reason);
      }
      if (canceled.kind !== 'taken') return this.later(sending, canceled, isFirst);
      await this.events.canceled(cancel.identifier);
    }
    if (event) {
      const sent = await this.sender.send(event);
      if (sent.kind === 'refused') return this.surface(sending, 'event-refused', owed, sent.reason);
      // With the other event canceled, this one stays under way whatever comes.
      if (sent.kind !== 'taken') return this.later(sending, sent, isFirst && !cancel);
    }
    await this.events.sent(sending);
    return 'sent';
  }

  private async later(
    sending: Sending,
    outcome: SendOutcome,
    isUntouched: boolean,
  ): Promise<Settled> {
    if (outcome.kind === 'not-taken' && isUntouched) await this.events.undo(sending);
    return 'away';
  }

  private async surface(
    sending: Sending,
    reason: NotByMeter,
    outstanding: number,
    detail: string,
  ): Promise<Settled> {
    const { project, customer, recordId } = sending;
    const told = { project, customer, recordId, reason, outstanding, detail };
    await this.events.notByMeter(told, this.clock());
    return 'not-by-meter';
  }
}
