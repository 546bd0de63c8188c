import { setImmediate } from 'node:timers/promises';
import { WrongCount, type BenchRun } from './bench';
import type { Comparison, Side, Timed } from './compare';
import type { Figure } from './figure';
import { inFlight } from './in-flight';
import { zipf } from './zipf';

/** Calls at once, on every side. */
export const ADMISSIONS_IN_FLIGHT = 64;
/** Then timers and sockets have their turn, as they have in a gateway. */
const TURN = 64;
const ROUNDS = 5;

/** Who calls, and how much a customer may have of what one side is asked in a round. */
export interface Demand {
  readonly what: string;
  readonly customers: number;
  /** A customer's amount, as a share of all calls of a round. */
  readonly share: number;
}

export const DEMANDS: readonly Demand[] = [
  { what: 'one hot customer', customers: 1, share: 0.9 },
  { what: '10,000 customers', customers: 10_000, share: 0.025 },
];

/** One way to keep hard limits: takes one unit of a customer's, or says no. */
export interface Reserve {
  readonly name: string;
  /** Fresh limits of so many units for each of so many customers. */
  open(customers: number, amount: number): Promise<void>;
  take(customer: number): Promise<boolean>;
  /** After all calls of a round: what was taken, by customer. */
  used(): Promise<readonly number[]>;
  /** Ends what it began itself; also after a call that failed. */
  close?(): Promise<void>;
}

/** A reserve, and how often it is asked in a round. */
export interface Asked {
  readonly reserve: Reserve;
  readonly calls: number;
  /** Of a bare one: how often its rate ours is to reach. */
  readonly budget?: number;
}

export interface BareAsked extends Asked {
  /** It never sells a unit twice: `WrongCount` where it does. */
  readonly isExact: boolean;
}

export interface AdmissionsComparison {
  readonly demand: Demand;
  /** As `in process`. */
  readonly where: string;
  readonly ours: Omit<Asked, 'budget'>;
  readonly bare: readonly BareAsked[];
  readonly processes: Comparison['processes'];
}

/** Of all rounds: the most that was sold twice, in units, and the least share that was sold. */
class Outcome {
  private most = { over: 0, sold: Infinity };

  add(over: number, sold: number): void {
    this.most = { over: Math.max(over, this.most.over), sold: Math.min(sold, this.most.sold) };
  }

  get over(): number {
    return this.most.over;
  }

  text(): string {
    const { over, sold } = this.most;
    return `oversold ${over}, sold ${(sold * 100).toFixed(2)} % at least`;
  }
}

/** One way to keep limits, timed. Its rate is that of admissions: calls refused take time too. */
class Admissions implements Side {
  readonly name: string;
  readonly outcome = new Outcome();
  readonly budget?: number;
  private readonly reserve: Reserve;
  private readonly customers: readonly number[];
  private readonly amount: number;

  constructor(
    { reserve, calls, budget }: Asked,
    private readonly demand: Demand,
  ) {
    this.name = reserve.name;
    this.reserve = reserve;
    if (budget !== undefined) this.budget = budget;
    this.customers = Array.from(zipf(demand.customers, calls));
    this.amount = Math.max(1, Math.floor(calls * demand.share));
  }

  prepare(): Promise<void> {
    return this.reserve.open(this.demand.customers, this.amount);
  }

  async run(): Promise<Timed> {
    let [admitted, taken] = [0, 0];
    const startedAt = performance.now();
    await inFlight(this.customers, ADMISSIONS_IN_FLIGHT, async (customer) => {
      if (await this.reserve.take(customer)) admitted += 1;
      if ((taken += 1) % TURN === 0) await setImmediate();
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    await this.count(admitted);
    return { events: admitted, seconds };
  }

  mustBeExact(): void {
    if (this.outcome.over > 0) throw new WrongCount(`${this.name}: ${this.outcome.text()}`);
  }

  private async count(admitted: number): Promise<void> {
    const used = await this.reserve.used();
    const wanted = new Uint32Array(this.demand.customers);
    for (const customer of this.customers) wanted[customer] = (wanted[customer] as number) + 1;
    let [over, sellable] = [0, 0];
    for (const count of wanted) sellable += Math.min(count, this.amount);
    for (const count of used) over += Math.max(0, count - this.amount);
    const sum = used.reduce((one, other) => one + other, 0);
    if (sum !== admitted) throw new WrongCount(`${this.name}: ${sum} used, ${admitted} admitted`);
    this.outcome.add(over, (admitted - over) / sellable);
  }
}

/** Admissions per second of one demand, turn about; what each side sold stands in the notes. */
export async function compareAdmissions(
  run: BenchRun,
  { demand, where, ours, bare, processes }: AdmissionsComparison,
): Promise<readonly Figure[]> {
  const mine = new Admissions(ours, demand);
  const theirs = bare.map((asked) => ({ asked, side: new Admissions(asked, demand) }));
  try {
    const { figures } = await run.compare({
      what: `${demand.what}, ${ADMISSIONS_IN_FLIGHT} in flight, ${where}`,
      ours: mine,
      bare: theirs.map(({ side }) => side),
      rounds: run.quick ? 1 : ROUNDS,
      processes,
    });
    mine.mustBeExact();
    for (const { asked, side } of theirs) if (asked.isExact) side.mustBeExact();
    return figures.map((figure, at) => {
      const against = theirs[at]?.side;
      const sold = `${mine.name}: ${mine.outcome.text()} | ${against?.name}: ${against?.outcome.text()}`;
      return { ...figure, notes: [sold, ...(figure.notes ?? [])] };
    });
  } finally {
    await Promise.all([ours, ...bare].map(({ reserve }) => reserve.close?.()));
  }
}
