import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { UserName } from './access';
import { ChdbEngine } from './chdb-engine';
import { Gate } from './gate';
import { Guard } from './guard';
import { LIMITS, type Limits } from './limits';
import { Pipes } from './pipes';
import { answerQuery, type QueryDoor } from './requests';
import { Sessions } from './sessions';

export interface ServerOptions {
  readonly bind: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly passwords: Readonly<Record<UserName, string>>;
  readonly limits?: Partial<Limits>;
  /** Called when a query cannot be ended; the process should then end itself. */
  readonly onWedged?: (why: string) => void;
}

export interface RunningServer {
  readonly port: number;
  readonly version: string;
  /** Takes no more queries, lets the running ones end within `stopWithinMs`, closes the data. */
  stop(): Promise<void>;
}

const HELP =
  'Use / or /ping for health checks.\nOr /replicas_status for more sophisticated health checks.\n\n' +
  'Send queries from your program with POST method or GET /?query=...\n';

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' });
  response.end(text);
};

/** Opens the data and serves ClickHouse's HTTP interface over it. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...LIMITS, ...options.limits };
  mkdirSync(options.dataFolder, { recursive: true });
  const engine = await ChdbEngine.open(options.dataFolder, limits);
  const bodies = join(options.dataFolder, 'bodies');
  rmSync(bodies, { recursive: true, force: true });
  mkdirSync(bodies, { mode: 0o700 });
  const first = engine.connect(true);
  const guard = await Guard.of(first);
  first.close();
  const door: QueryDoor = {
    engine,
    pipes: new Pipes(join(options.dataFolder, 'pipes'), limits.maxRunningQueries),
    guard,
    bodies,
    gate: new Gate(limits),
    limits,
    sessions: new Sessions(engine, limits),
    passwords: options.passwords,
    wedged: (why) => options.onWedged?.(why),
  };
  const server = createServer({ maxHeaderSize: limits.maxHeadBytes }, (request, response) =>
    route(door, request, response),
  );
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  await listen(server, options);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return { port, version: engine.version, stop: () => stop(server, door) };
}

function listen(server: Server, options: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.bind, () => resolve());
  });
}

function route(door: QueryDoor, request: IncomingMessage, response: ServerResponse): void {
  const address = `http://server${request.url ?? '/'}`;
  if (!URL.canParse(address)) return plain(response, 400, 'The address cannot be read\n');
  const url = new URL(address);
  const path = url.pathname;
  response.setHeader('X-ClickHouse-Server-Display-Name', door.engine.displayName);
  const asksNothing = request.method !== 'POST' && !url.searchParams.has('query');
  if (path === '/ping' || path === '/replicas_status' || (path === '/' && asksNothing)) {
    return plain(response, 200, 'Ok.\n');
  }
  if (path !== '/' && path !== '/query') {
    return plain(response, 404, `There is no handle ${path}\n\n${HELP}`);
  }
  void answerQuery(door, request, response, url.searchParams);
}

async function stop(server: Server, door: QueryDoor): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = Date.now() + door.limits.stopWithinMs;
  while (door.gate.busy > 0 && Date.now() < deadline) await tick();
  if (door.gate.busy > 0) await door.engine.cancelAll();
  while (door.gate.busy > 0 && Date.now() < deadline + STOP_GRACE_MS) await tick();
  server.closeAllConnections();
  await closed;
  // closing a connection under a running query would take the engine down in mid-write
  if (door.gate.busy > 0) return;
  door.sessions.close();
  door.engine.close();
}

const STOP_GRACE_MS = 2_000;
const TICK_MS = 20;
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TICK_MS));
