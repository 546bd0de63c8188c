import { Client } from 'pg';
import { within } from '../bounded';
import { safeInteger } from '../safe-integer';
import { OUTBOX_CHANNEL } from './queue-entries';

/** Postgres ends the session of a holder that says nothing for this long, and frees the lock. */
export const SILENT_HOLDER_MS = 10_000;
/** How often a holder says something, whatever else it waits for. */
export const HEARTBEAT_MS = 2_000;
export const SESSION_CONNECT_MS = 2_000;
export const SESSION_STATEMENT_MS = 5_000;
/** The client's own deadline, for a server that is gone without a word. */
export const SESSION_QUERY_MS = 6_000;
/** Every instance of entitlement asks for this one advisory lock. */
const LOCK = `hashtextextended('tallyward:entitlement:outbox', 0)`;

/** The part of the driver's connection that is needed to let go of it. */
type Connection = { readonly stream: { destroy(): void } };

/** What the relay sees of a queued entry before it reads its value. */
export interface OutboxHead {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly bytes: number;
}

export interface OutboxValue {
  readonly value: string;
  readonly headers: Record<string, string>;
}

/**
 * One Postgres session that holds the outbox's lock, or stands by for it. Everything the relay does
 * in Postgres goes through it: one that was lost can neither read nor delete, so a former holder
 * stops.
 */
export class RelaySession {
  private heartbeat: NodeJS.Timeout | undefined;
  private isLost = false;

  private constructor(
    private readonly client: Client,
    private readonly onWake: () => void,
  ) {}

  /** A session that stands by. Throws when Postgres is away. */
  static async open(url: string, instance: string, onWake: () => void): Promise<RelaySession> {
    const client = new Client({
      connectionString: url,
      application_name: `tallyward ${instance} outbox`,
      connectionTimeoutMillis: SESSION_CONNECT_MS,
      statement_timeout: SESSION_STATEMENT_MS,
      query_timeout: SESSION_QUERY_MS,
      keepAlive: true,
      options: `-c search_path=entitlement -c idle_session_timeout=${SILENT_HOLDER_MS}`,
    });
    const session = new RelaySession(client, onWake);
    // An error between two queries must end the session, not the process.
    client.on('error', () => session.lose());
    client.on('end', () => session.lose());
    client.on('notification', () => session.onWake());
    try {
      await client.connect();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** True from when this session holds the lock: until it ends, no other one does. */
  async tryLock(): Promise<boolean> {
    const { rows } = await this.client.query<{ held: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK}) AS held`,
    );
    if (rows[0]?.held !== true) return false;
    await this.client.query(`LISTEN ${OUTBOX_CHANNEL}`);
    this.beat();
    return true;
  }

  get lost(): boolean {
    return this.isLost;
  }

  /** The oldest queued entries, by id; without those that are set aside. */
  async heads(limit: number): Promise<OutboxHead[]> {
    const { rows } = await this.client.query<{
      id: string;
      topic: string;
      key: string;
      bytes: number;
    }>(
      `SELECT id, topic, key, octet_length(value) + octet_length(headers::text) AS bytes
       FROM outbox WHERE set_aside_at IS NULL ORDER BY id LIMIT $1`,
      [limit],
    );
    return rows.map(({ id, ...head }) => ({ ...head, id: safeInteger(id) }));
  }

  async values(ids: readonly number[]): Promise<Map<number, OutboxValue>> {
    const { rows } = await this.client.query<{ id: string } & OutboxValue>(
      'SELECT id, value, headers FROM outbox WHERE id = ANY($1::bigint[])',
      [ids],
    );
    return new Map(rows.map(({ id, value, headers }) => [safeInteger(id), { value, headers }]));
  }

  async delete(ids: readonly number[]): Promise<void> {
    await this.client.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [ids]);
  }

  /** Keeps entries that the log will never take, out of the way of the others. */
  async setAside(ids: readonly number[]): Promise<void> {
    await this.client.query(
      'UPDATE outbox SET set_aside_at = clock_timestamp() WHERE id = ANY($1::bigint[])',
      [ids],
    );
  }

  async close(): Promise<void> {
    this.lose();
    // A server that is gone without a word never answers the farewell.
    await within(SESSION_CONNECT_MS, this.client.end()).catch(() => undefined);
    (this.client as unknown as { connection: Connection }).connection.stream.destroy();
  }

  private beat(): void {
    this.heartbeat = setInterval(() => {
      this.client.query('SELECT 1').catch(() => this.lose());
    }, HEARTBEAT_MS);
  }

  private lose(): void {
    if (this.isLost) return;
    this.isLost = true;
    clearInterval(this.heartbeat);
    this.onWake();
  }
}
