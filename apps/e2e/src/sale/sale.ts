import { Random } from '../chaos/random';
import { AtGateway, SALE_MODEL } from './at-gateway';
import { buy, type LimitUnit, type Market, type Purchase } from './buyer';
import { Till } from './till';

const MOST_INPUT = 200;
const MOST_OUTPUT = 200;
/** Buyers that are not through by then give up, and the sale says so. */
const SOLD_WITHIN_MS = 120_000;

export interface SaleTerms {
  readonly name: string;
  readonly seed: number;
  readonly unit: LimitUnit;
  readonly amount: number;
  /** Calls that are wanted, all at once. */
  readonly buyers: number;
  readonly ttlSeconds: number;
  /** How the load lies on the gateways, by the time since the sale opened. */
  readonly pick: (draw: (below: number) => number, elapsedMs: number) => number;
  readonly withinMs?: number;
}

export interface SaleResult {
  readonly name: string;
  readonly amount: number;
  /** What the totals count, also what was settled late. */
  readonly sold: number;
  /** Above the amount, of what was sold, or sold and held at one moment; without overruns. */
  readonly oversold: number;
  readonly share: number;
  /** Overruns that were settled late, as the fold says: nobody promised that they fit. */
  readonly late: number;
  /** Less than one call's hold is left. */
  readonly isSoldOut: boolean;
  readonly answers: ReadonlyMap<string, number>;
  readonly decisionMs: readonly number[];
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Where gateways are, and an admin key of the project. */
export interface Place {
  readonly gateways: readonly string[];
  readonly key: string;
  /** Resolves when the fold has all that is in the log. */
  folded(): Promise<void>;
  /** What of a customer's usage passed its limits, as the fold stored it, by why it did. */
  overruns(customer: string): Promise<ReadonlyMap<string, number>>;
}

/** One limit of one customer, and a crowd that wants more than it has. */
export class Sale {
  readonly till = new Till();
  readonly customer: string;
  private readonly random: Random;
  private readonly gateways: readonly AtGateway[];
  private readonly answers = new Map<string, number>();
  private readonly decisionMs: number[] = [];
  private readonly faults: string[] = [];
  private readonly began = performance.now();

  private constructor(
    private readonly place: Place,
    private readonly terms: SaleTerms,
  ) {
    this.customer = `sale-${terms.name}-${terms.seed}`;
    this.random = new Random(`sale ${terms.name} ${terms.seed}`);
    this.gateways = place.gateways.map((url) => new AtGateway(url, place.key));
  }

  /** `during`: what is done to the product while they buy. */
  static async open(
    place: Place,
    terms: SaleTerms,
    during: (sale: Sale) => Promise<void> = async () => undefined,
  ): Promise<SaleResult> {
    const sale = new Sale(place, terms);
    await sale.prepare();
    await Promise.all([sale.crowd(), during(sale)]);
    return sale.result();
  }

  private async prepare(): Promise<void> {
    const { unit, amount } = this.terms;
    const at = this.gateways[0] as AtGateway;
    const name = `Sale of ${amount} ${unit}`;
    const limit = { scope: 'customer', modelGroup: '*', unit, window: 'month', amount };
    await must(at.put(`/v1/models/${SALE_MODEL}`, { group: 'standard' }), [200, 201]);
    await must(
      at.post('/v1/tiers', { name, limits: [{ ...limit, onLimit: 'block' }] }),
      [201, 409],
    );
    const tier = { name, version: 1, reason: 'a sale' };
    await must(at.put(`/v1/customers/${this.customer}`, {}), [200, 201]);
    await must(at.put(`/v1/customers/${this.customer}/tier`, tier), [200]);
  }

  private async crowd(): Promise<void> {
    const { buyers } = this.terms;
    const market = this.market(performance.now());
    await Promise.all(Array.from({ length: buyers }, () => buy(market, this.purchase())));
    if (this.till.unsettled > 0) this.faults.push(`${this.till.unsettled} holds were not settled`);
  }

  private market(opened: number): Market {
    const { unit, ttlSeconds, pick, withinMs = SOLD_WITHIN_MS } = this.terms;
    const draw = (below: number) => this.random.below(below);
    return {
      unit,
      ttlSeconds,
      draw,
      customer: this.customer,
      till: this.till,
      gateways: this.gateways,
      pick: () => pick(draw, performance.now() - opened),
      answered: (word, ms) => {
        this.answers.set(word, (this.answers.get(word) ?? 0) + 1);
        this.decisionMs.push(ms);
      },
      fault: (what) => void this.faults.push(what),
      giveUpAt: opened + withinMs,
    };
  }

  private purchase(): Purchase {
    const maxOutputTokens = 1 + this.random.below(MOST_OUTPUT);
    const outputTokens = this.random.below(maxOutputTokens + 1);
    return { inputTokens: 1 + this.random.below(MOST_INPUT), maxOutputTokens, outputTokens };
  }

  private async result(): Promise<SaleResult> {
    await this.place.folded();
    const { name, amount, unit } = this.terms;
    const { till, answers, decisionMs, faults } = this;
    const used = await this.used();
    if (used < till.sold) faults.push(`acked ${till.sold}, counted ${used}`);
    const overruns = await this.place.overruns(this.customer);
    const { late = 0, ...others } = Object.fromEntries(overruns);
    // Every buyer has a hold, and uses no more than that.
    for (const [why, quantity] of Object.entries(others)) faults.push(`${quantity} ${why}`);
    const overrun = [...overruns.values()].reduce((sum, quantity) => sum + quantity, 0);
    const least = unit === 'calls' ? 1 : MOST_INPUT + MOST_OUTPUT;
    return {
      name,
      amount,
      sold: used,
      answers,
      decisionMs,
      faults,
      oversold: till.oversold(amount, used, overrun),
      share: Math.min(1, used / amount),
      late,
      isSoldOut: amount - used < least,
      seconds: (performance.now() - this.began) / 1_000,
    };
  }

  /** By the totals. */
  private async used(): Promise<number> {
    const year = new Date().getUTCFullYear();
    const span = `from=${year - 1}-01-01T00:00:00Z&to=${year + 1}-01-01T00:00:00Z&window=month`;
    const at = this.gateways[0] as AtGateway;
    const path = `/v1/customers/${this.customer}/usage?${span}`;
    const said = await must(at.get<{ data: Record<LimitUnit, number>[] }>(path), [200]);
    return said.data.reduce((sum, row) => sum + row[this.terms.unit], 0);
  }
}

async function must<T>(
  asked: ReturnType<typeof AtGateway.prototype.get<T>>,
  statuses: readonly number[],
): Promise<T> {
  const said = await asked;
  if (said.kind === 'said' && statuses.includes(said.status)) return said.body;
  throw new Error(`a sale could not be prepared: ${JSON.stringify(said)}`);
}
