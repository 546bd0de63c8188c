import { TOPICS } from '@tallyward/contracts';
import { Client } from 'pg';

const { name: topic, partitions } = TOPICS.usageEvents;
/** How often the stores are asked how far they are: the error of what is told. */
const LOOK_EVERY_MS = 25;
const FOLDED_WITHIN_MS = 180_000;

export type Fold = 'totals' | 'warehouse';
export const FOLDS: readonly Fold[] = ['totals', 'warehouse'];

export interface Look {
  readonly at: number;
  readonly next: Readonly<Record<Fold, readonly number[]>>;
}

/**
 * Where the folds are by their own word in Postgres, two dozen rows; the warehouse's comes after
 * ClickHouse has answered its insert. So looking costs ClickHouse nothing.
 */
export class FoldProbe {
  readonly looks: Look[] = [];
  private looking = true;
  private running: Promise<void> | undefined;

  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<FoldProbe> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new FoldProbe(client);
  }

  start(): void {
    this.looking = true;
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.looking = false;
    await this.running;
  }

  async look(): Promise<Look> {
    const { rows } = await this.client.query<{ fold: Fold; partition: number; next: string }>(LOOK);
    const next = { totals: Array(partitions).fill(0), warehouse: Array(partitions).fill(0) };
    for (const row of rows) next[row.fold][row.partition] = Number(row.next);
    return { at: performance.now(), next };
  }

  /** Resolves when both folds have this many entries. */
  async reached(entries: number): Promise<void> {
    const until = Date.now() + FOLDED_WITHIN_MS;
    for (;;) {
      const { next } = await this.look();
      if (FOLDS.every((fold) => sum(next[fold]) >= entries)) return;
      if (Date.now() > until) throw new Error(`the folds are at ${JSON.stringify(next)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async run(): Promise<void> {
    while (this.looking) {
      this.looks.push(await this.look());
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async close(): Promise<void> {
    await this.stop();
    await this.client.end();
  }
}

const LOOK = `
  SELECT 'totals' AS fold, partition, next_offset AS next
  FROM entitlement.log_progress WHERE topic = '${topic}'
  UNION ALL
  SELECT 'warehouse', partition, landed_offset FROM aggregator.log_progress WHERE fold = 'live'`;

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
