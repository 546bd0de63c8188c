import { Kafka, logLevel, type Consumer, type Producer } from 'kafkajs';
import type { Pool } from 'pg';
import { openPool } from './open-pool';

const ASKS = 'bare-asks';
const GRANTS = 'bare-grants';
const PARTITIONS = 12;
const TABLE = 'bare_counter';
const CONNECTIONS = 16;

export interface BareAskEngines {
  readonly brokers: readonly string[];
  /** Before the names of its topics. */
  readonly namespace: string;
  readonly postgres: string;
}

/**
 * A lease by bare means, all in this process: an ask over Kafka, one transaction of Postgres that
 * takes a slice under its row's lock and writes the lease, a grant over Kafka.
 */
export class BareAsk {
  private readonly waiting = new Map<string, () => void>();
  private asked = 0;

  private constructor(
    private readonly names: { readonly asks: string; readonly grants: string },
    private readonly producer: Producer,
    private readonly consumers: readonly Consumer[],
    private readonly pool: Pool,
  ) {}

  static async open({ brokers, namespace, postgres }: BareAskEngines): Promise<BareAsk> {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    const names = { asks: `${namespace}${ASKS}`, grants: `${namespace}${GRANTS}` };
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.values(names).map((topic) => ({ topic, numPartitions: PARTITIONS })),
    });
    await admin.disconnect();
    const pool = openPool(postgres, CONNECTIONS);
    await pool.query(`CREATE TABLE ${TABLE} (customer text PRIMARY KEY, leased bigint NOT NULL)`);
    await pool.query(`CREATE TABLE ${TABLE}_lease (id bigserial PRIMARY KEY, customer text)`);
    const producer = kafka.producer();
    await producer.connect();
    const consumers = Object.values(names).map((groupId) => kafka.consumer({ groupId }));
    const made = new BareAsk(names, producer, consumers, pool);
    const [asks, grants] = consumers as [Consumer, Consumer];
    await Promise.all([
      made.follow(asks, names.asks, (key) => made.grant(key)),
      made.follow(grants, names.grants, async (key) => made.granted(key)),
    ]);
    return made;
  }

  /** Resolves when its grant is there. */
  async ask(customer: string): Promise<void> {
    const key = `${customer} ${(this.asked += 1)}`;
    const granted = new Promise<void>((resolve) => this.waiting.set(key, resolve));
    await this.send(this.names.asks, key);
    await granted;
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.disconnect()));
    await this.producer.disconnect();
    await this.pool.end();
  }

  /** Resolves when it has all partitions. */
  private async follow(
    consumer: Consumer,
    topic: string,
    take: (key: string) => Promise<void>,
  ): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    });
    await consumer.run({
      partitionsConsumedConcurrently: PARTITIONS,
      eachBatch: async ({ batch }) => {
        await Promise.all(batch.messages.map(({ key }) => take(String(key))));
      },
    });
    await joined;
  }

  private async grant(key: string): Promise<void> {
    const customer = key.slice(0, key.indexOf(' '));
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO ${TABLE} VALUES ($1, 1)
         ON CONFLICT (customer) DO UPDATE SET leased = ${TABLE}.leased + 1`,
        [customer],
      );
      await client.query(`INSERT INTO ${TABLE}_lease (customer) VALUES ($1)`, [customer]);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
    await this.send(this.names.grants, key);
  }

  private granted(key: string): void {
    this.waiting.get(key)?.();
    this.waiting.delete(key);
  }

  private async send(topic: string, key: string): Promise<void> {
    await this.producer.send({ topic, acks: -1, messages: [{ key, value: key }] });
  }
}
