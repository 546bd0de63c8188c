import { createClient } from '@redis/client';
import { freePort } from '@tallyward/local';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

const READY_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Takes `ARGV[1]` of a limit if so much is left, in one step. */
const RESERVE = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
return 1`;

const clientOf = (port: number) =>
  createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
type Client = ReturnType<typeof clientOf>;

/** A redis-server of its own, in memory alone, as its manual shows it. Null: there is none here. */
export async function startRedis(signal: AbortSignal): Promise<BareRedis | null> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', args, { stdio: 'ignore', signal });
  server.on('error', () => undefined); // aborted; or missing, which is answered
  const isThere = await once(server, 'spawn').then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  try {
    return await BareRedis.connect(port, server);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

async function connected(client: Client): Promise<void> {
  for (const startedAt = performance.now(); ;) {
    try {
      await client.connect();
      return;
    } catch (error) {
      if (performance.now() - startedAt > READY_WITHIN_MS) throw error;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Limits kept in Redis, in the two ways that people keep them there. */
export class BareRedis {
  private constructor(
    readonly port: number,
    private readonly client: Client,
    private readonly reserveDigest: string,
    private readonly server: ChildProcess | undefined,
  ) {}

  /** To one of this machine; `server`: whose process ends with it, where that is to be so. */
  static async connect(port: number, server?: ChildProcess): Promise<BareRedis> {
    const client = clientOf(port);
    client.on('error', () => undefined); // told by the call that fails
    await connected(client);
    return new BareRedis(port, client, await client.scriptLoad(RESERVE), server);
  }

  get pid(): number | undefined {
    return this.server?.pid;
  }

  /** One Lua script. */
  async reserve(key: string, need: number, amount: number): Promise<boolean> {
    const args = [String(need), String(amount)];
    return (await this.client.evalSha(this.reserveDigest, { keys: [key], arguments: args })) === 1;
  }

  /** Looks first and charges after, as a gateway that reads a counter before the call does. */
  async readThenCharge(key: string, need: number, amount: number): Promise<boolean> {
    const used = Number((await this.client.get(key)) ?? 0);
    if (used + need > amount) return false;
    await this.client.incrBy(key, need);
    return true;
  }

  async used(keys: readonly string[]): Promise<number[]> {
    return (await this.client.mGet([...keys])).map((value) => Number(value ?? 0));
  }

  async clear(): Promise<void> {
    await this.client.flushAll();
  }

  async close(): Promise<void> {
    this.client.destroy();
    if (!this.server) return;
    const ended = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await ended;
  }
}
