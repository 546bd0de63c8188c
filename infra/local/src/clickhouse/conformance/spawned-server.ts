import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clickhouseEngine } from '../engine';

const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

const newestOf = (files: readonly string[]): number =>
  Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));

/** A spec that talks to yesterday's build proves nothing. */
function checkBuilt(script: string): void {
  const filesOf = (folder: string, wanted: RegExp): string[] =>
    readdirSync(folder)
      .filter((name) => wanted.test(name) && !name.endsWith('.spec.ts'))
      .map((name) => join(folder, name));
  const source = newestOf(filesOf(join(__dirname, '..'), /\.ts$/));
  const written = existsSync(script) ? filesOf(dirname(script), /\.js$/) : [];
  // the compiler leaves a file whose text would be the same, and writes down that it looked
  const record = join(dirname(script), '..', 'tsconfig.tsbuildinfo');
  if (newestOf([...written, record]) < source) {
    throw new Error('The ClickHouse server is not built: run `npx tsc -b infra/local` first');
  }
}

/** The real server in a process of its own, on a free port, over a folder that lives as long. */
export class SpawnedServer {
  private child: ChildProcess | undefined;
  private printed = '';

  private constructor(
    readonly port: number,
    readonly dataFolder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<SpawnedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tallyward-clickhouse-'));
    const server = new SpawnedServer(await freePort(), folder, env);
    await server.start();
    return server;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get running(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  get endedBy(): NodeJS.Signals | null {
    return this.child?.signalCode ?? null;
  }

  get output(): string {
    return this.printed;
  }

  /** Starts it (again) over the same data and waits for /ping. */
  async start(): Promise<void> {
    const program = clickhouseEngine({
      bind: '127.0.0.1',
      port: this.port,
      dataFolder: this.dataFolder,
      loaderPassword: LOADER_PASSWORD,
      env: process.env,
    });
    checkBuilt(program.args[0] ?? '');
    this.child = spawn(program.command, [...program.args], {
      env: { ...program.env, ...this.env },
    });
    const keep = (data: Buffer): void => void (this.printed += data.toString());
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await program.ready().catch(() => false))) {
      if (!this.running || Date.now() > deadline) throw new Error(`not ready: ${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (!child || !this.running) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** Resolves when it has ended by itself; the spec's own deadline is the limit. */
  async ended(): Promise<void> {
    if (this.child && this.running) await once(this.child, 'exit');
  }

  async end(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}

export const LOADER_PASSWORD = 'loader-password-of-the-specs';
