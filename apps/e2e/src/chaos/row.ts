import { RECONCILE } from '../script.builder';
import { Changes, type ChangeKind } from './changes';
import { counted } from './counted';
import type { Fleet } from './fleet';
import { GATEWAYS } from './fleet';
import { judgeChanges } from './judge-changes';
import { judgeSetAside } from './judge-set-aside';
import { Load } from './load';
import { logEnds, type LogPlaces } from './logged';
import type { SaleResult } from '../sale/sale';
import { Stream } from './stream';
import { judge, type Verdict } from './verdict';

export interface RowResult extends Verdict {
  readonly name: string;
  readonly acked: number;
  /** Units above a limit's amount; null: nothing was for sale. */
  readonly oversold: number | null;
  /** Of a limit that more was wanted of than it has. */
  readonly soldShare: number | null;
  /** Conflicts, which the stores hold aside. */
  readonly setAside: number;
  readonly refused: number;
  readonly ackMs: readonly number[];
  readonly seconds: number;
  /** It was broken off: what is counted is of something unfinished. */
  readonly brokenOff: boolean;
  /** What is told of it besides, such as the gateways' memory. */
  readonly notes: readonly string[];
}

/** A row of the table while it runs: its load, its people, and in the end its verdict. */
export class Row {
  readonly stream: Stream;
  readonly load: Load;
  readonly changes: Changes | undefined;
  readonly notes: string[] = [];
  readonly faults: string[] = [];
  /** What is written beside the load, judged once all is folded: under load that never is. */
  beside: { taken?(): Promise<void>; faults(): Promise<string[]> } | undefined;
  private sale: SaleResult | undefined;
  readonly startedAt = Date.now();
  private readonly began = performance.now();

  private constructor(
    readonly fleet: Fleet,
    readonly name: string,
    readonly key: string,
    private readonly since: LogPlaces,
    seed: number,
    kinds: readonly ChangeKind[] | undefined,
  ) {
    this.stream = new Stream(key, seed, fleet.projects.length, GATEWAYS);
    this.load = new Load(fleet, this.stream);
    this.changes = kinds && new Changes(fleet, key, seed, kinds);
  }

  /**
   * Carries a row out: what `work` does to the fleet, then all answered and folded, then compared.
   * `kinds`: management changes are made besides.
   */
  static async carryOut(
    { fleet, seed, name }: { fleet: Fleet; seed: number; name: string },
    work: (row: Row) => Promise<void>,
    kinds?: readonly ChangeKind[],
  ): Promise<RowResult> {
    const key = name.replaceAll(/[^a-z0-9]+/g, '_');
    const row = new Row(fleet, name, key, await logEnds(fleet), seed, kinds);
    try {
      await work(row);
      await row.settle();
      return { ...(await row.verdict()), brokenOff: false };
    } catch (error) {
      // What it saw until then is told all the same: a fold that is behind has lost it so far.
      row.faults.push(messageOf(error));
      row.load.giveUp();
      row.changes?.giveUp();
      await row.answered();
      const verdict = await row.verdict().catch((second: unknown) => {
        // What broke it off tells more than why it could not be judged.
        throw new Error([...row.faults, messageOf(second)].join('; then: '));
      });
      return { ...verdict, brokenOff: true };
    }
  }

  start(mostBatches?: number): void {
    this.load.start(mostBatches);
    this.changes?.start();
  }

  /** What came of the row's sale. */
  sold(sale: SaleResult): void {
    this.sale = sale;
    const answers = [...sale.answers].map(([word, times]) => `${times} × ${word}`).join(', ');
    const took = `${sale.seconds.toFixed(1)} s`;
    const late = sale.late > 0 ? ` (${sale.late} late)` : '';
    this.notes.push(`sold ${sale.sold}${late} of ${sale.amount} in ${took}; answers: ${answers}`);
    if (sale.oversold > 0) this.faults.push(`oversold by ${sale.oversold}`);
    if (!sale.isSoldOut) this.faults.push(`only ${sale.sold} of ${sale.amount} were sold`);
    this.faults.push(...sale.faults);
  }

  /** Lets what was begun be answered, and the folds reach the end. */
  private async settle(): Promise<void> {
    await this.answered();
    await Promise.all([this.fleet.folded(), this.beside?.taken?.()]);
  }

  private async answered(): Promise<void> {
    await Promise.all([this.load.finish(), this.changes?.finish()]);
  }

  private async verdict(): Promise<Omit<RowResult, 'brokenOff'>> {
    const { fleet, load, changes, name } = this;
    // First of all: it waits until everything is published.
    const managed = await judgeChanges(fleet, changes?.answered ?? []);
    const held = await counted(fleet, this.key, this.since);
    const usage = judge(load.truth, held);
    const aside = judgeSetAside(load.truth, held.log, held.setAside);
    const proofs = await reconciled(fleet);
    const beside = (await this.beside?.faults()) ?? [];
    const broken = [...this.faults, ...beside, ...load.faults, ...(changes?.faults ?? [])];
    const told = [usage, aside, managed].flatMap(({ faults }) => faults);
    return {
      name,
      lost: usage.lost + aside.lost + managed.lost,
      doubled: usage.doubled + aside.doubled + managed.doubled,
      unequal: usage.unequal + aside.unequal + managed.unequal + proofs.unequal,
      faults: [...broken, ...told, ...proofs.faults],
      setAside: aside.setAside,
      acked: load.truth.acks.size,
      oversold: this.sale?.oversold ?? null,
      soldShare: this.sale?.share ?? null,
      refused: load.refused(),
      ackMs: load.ackMs,
      seconds: (performance.now() - this.began) / 1_000,
      notes: this.notes,
    };
  }
}

interface Reconciled {
  readonly equal: boolean;
  readonly differences: readonly Record<string, unknown>[];
  readonly unlisted?: number;
  readonly behind?: string;
}

const NAMED = 3;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** What the product itself says of all projects and customers. */
async function reconciled(fleet: Fleet): Promise<Pick<Verdict, 'unequal' | 'faults'>> {
  const { code, stdout, stderr } = await fleet.script(RECONCILE, ['--json']);
  if (stdout === '') return { unequal: 1, faults: [`reconcile ended with ${code}: ${stderr}`] };
  const { equal, differences, unlisted = 0, behind } = JSON.parse(stdout) as Reconciled;
  if (equal && code === 0) return { unequal: 0, faults: [] };
  const named = differences.slice(0, NAMED).map((one) => `reconcile: ${JSON.stringify(one)}`);
  const unequal = Math.max(1, differences.length + unlisted);
  return { unequal, faults: [...(behind ? [`reconcile: ${behind}`] : []), ...named] };
}
