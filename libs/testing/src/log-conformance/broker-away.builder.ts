import type { Appender, Log } from '@tallyward/platform';
import type { Testbed } from '../testbed/testbed';
import { until } from '../testbed/until';
import { AGAIN_WITHIN_MS, brokenAfterFault } from './after-fault.builder';
import { type Appended, appenderOf, entriesOf, kindsOf, TOPIC } from './conformance.builder';
import { Faults, FollowStore, QUICK } from './follow-store.builder';

const WORKERS = ['a', 'b', 'c', 'd'];
const ENTRIES_AT_ONCE = 20;
/** Appends that must have been answered before the fault, and again after it. */
const APPENDS_AROUND = 40;

export interface BrokerAway {
  readonly log: Log;
  readonly appendDeadlineMs: number;
  /** Takes the broker away and resolves when it is back. */
  breakIt(): Promise<void>;
}

export interface BrokerBack {
  /** Outcomes of all appends, by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** What the log or the follower got wrong; empty: nothing. */
  readonly broken: readonly string[];
  /** From the broker's return to the first acked append, and to a follower without lag. */
  readonly ackedAfterMs: number;
  readonly caughtUpAfterMs: number;
}

export interface BrokerFault {
  readonly name: 'killed' | 'stopped' | 'frozen';
  breakIt(): Promise<void>;
}

/** Every way for the bed's own broker to go and come back; stopped and frozen for so long. */
export function brokerFaults(
  bed: Testbed,
  away: { readonly stopped: number; readonly frozen: number },
): BrokerFault[] {
  const awayFor = async (awayMs: number) => {
    const from = performance.now();
    const what = 'the outage to last';
    await until(() => performance.now() - from > awayMs, { what, withinMs: awayMs + 1_000 });
  };
  return [
    {
      name: 'killed',
      async breakIt() {
        bed.kill('kafka');
        await bed.serves('kafka');
      },
    },
    {
      name: 'stopped',
      async breakIt() {
        await bed.stop('kafka');
        await awayFor(away.stopped);
        await bed.start('kafka');
      },
    },
    {
      name: 'frozen',
      async breakIt() {
        const pid = bed.pid('kafka');
        if (pid === undefined) throw new Error('the broker does not run');
        process.kill(pid, 'SIGSTOP');
        await awayFor(away.frozen).finally(() => process.kill(pid, 'SIGCONT'));
      },
    },
  ];
}

/**
 * Appends and follows without a pause while the broker goes and comes back: four callers that send
 * the same again until it is acked, and one follower. Nobody is restarted.
 */
export async function throughBrokerAway(away: BrokerAway): Promise<BrokerBack> {
  const { log, appendDeadlineMs } = away;
  const appender = appenderOf(log, { appendDeadlineMs });
  const faults = new Faults();
  const store = new FollowStore();
  const follower = log.follow({
    topics: [TOPIC],
    group: 'fold',
    position: (_, partition) => store.position(partition),
    onBatch: async (batch) => store.commit(batch),
    onFatal: faults.take,
    limits: QUICK,
  });
  await follower.start();
  const load = new Load(appender);
  let backAt = 0;
  let ackedAfterMs = 0;
  try {
    await load.answered(APPENDS_AROUND);
    await away.breakIt();
    backAt = performance.now();
    await load.acked(1);
    ackedAfterMs = Math.round(performance.now() - backAt);
    await load.answered(APPENDS_AROUND);
  } finally {
    await load.end();
  }
  const broken = await brokenAfterFault({ truth: log, appender, appended: load.appended });
  const ends = await log.admin.endOffsets(TOPIC);
  const total = [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
  await until(() => store.stored.length >= total, { what: 'all handled', withinMs: 60_000 });
  const caughtUpAfterMs = Math.round(performance.now() - backAt);
  await until(() => follower.health().healthy, { what: 'a healthy follower' });
  const doubled = store.doubled.map((place) => `${place} was handled twice`);
  const ended = faults.seen.map(({ code }) => `the follower ended: ${code}`);
  const kinds = kindsOf(load.appended);
  return { kinds, broken: [...broken, ...doubled, ...ended], ackedAfterMs, caughtUpAfterMs };
}

class Load {
  readonly appended: Appended[] = [];
  private going = true;
  private ackedAppends = 0;
  private readonly workers: Promise<unknown>;

  constructor(private readonly appender: Appender) {
    this.workers = Promise.all(WORKERS.map((name) => this.work(name)));
    // Told by end(), which always comes.
    this.workers.catch(() => undefined);
  }

  answered(count: number): Promise<unknown> {
    const goal = this.appended.length + count;
    const what = 'more appends to be answered';
    return until(() => this.appended.length >= goal, { what, withinMs: AGAIN_WITHIN_MS });
  }

  acked(count: number): Promise<unknown> {
    const goal = this.ackedAppends + count;
    const what = 'appends to be acked again';
    return until(() => this.ackedAppends >= goal, { what, withinMs: AGAIN_WITHIN_MS });
  }

  async end(): Promise<void> {
    this.going = false;
    await this.workers;
  }

  private async work(name: string): Promise<void> {
    for (let i = 0; this.going; i += 1) {
      const entries = entriesOf(`${name}-${i}`, ENTRIES_AT_ONCE);
      for (let settled = false; !settled && this.going;) {
        const outcomes = await this.appender.append(TOPIC, entries);
        this.appended.push({ entries, outcomes });
        settled = outcomes.every(({ kind }) => kind === 'acked');
        if (settled) this.ackedAppends += 1;
      }
    }
  }
}
