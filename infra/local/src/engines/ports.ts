import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** CONTRACT's table: without a base the well-known ports, with one a row of neighbours. */
export interface Ports {
  readonly gateway: number;
  readonly kafka: number;
  readonly clickhouse: number;
  readonly postgres: number;
  readonly entitlement: number;
  readonly aggregator: number;
  readonly kafkaController: number;
}

/** How many ports a base claims: the seven, and the further gateways from N+10. */
export const PORTS_PER_BASE = 20;

export function portsOf(base: number | undefined): Ports {
  if (base === undefined) {
    return {
      gateway: 8080,
      kafka: 9092,
      clickhouse: 8123,
      postgres: 5433,
      entitlement: 8081,
      aggregator: 8082,
      kafkaController: 9093,
    };
  }
  return {
    gateway: base,
    kafka: base + 1,
    clickhouse: base + 2,
    postgres: base + 3,
    entitlement: base + 4,
    aggregator: base + 5,
    kafkaController: base + 6,
  };
}

/** The nth gateway's port: the first has its own, further ones ten above, one after the other. */
export const gatewayPort = (ports: Ports, n: number): number =>
  n === 1 ? ports.gateway : ports.gateway + 8 + n;

export class PortsTaken extends Error {
  constructor(taken: readonly (readonly [string, number])[]) {
    const list = taken.map(([name, port]) => `port ${port} (for ${name})`).join(', ');
    super(
      `Taken by another program: ${list}. End that program (to see it: "ss -ltnp" or "lsof -i"), ` +
        'or choose other ports for all of Tallyward, such as TALLYWARD_PORT_BASE=18000.',
    );
  }
}

/** Throws `PortsTaken` naming every port of `wanted` that can't be listened on. */
export async function assertPortsFree(
  bind: string,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  const entries = Object.entries(wanted);
  const free = await Promise.all(entries.map(([, port]) => isFree(bind, port)));
  const taken = entries.filter((_, i) => !free[i]);
  if (taken.length > 0) throw new PortsTaken(taken);
}

export function isFree(bind: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: bind, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const FREE_FROM = 10_000;
/** Above begins what the system hands out to outgoing connections, on every common system. */
const FREE_TO = 32_000;
const TRIES = 200;

/** A port nobody listens on now; two who ask at the same time are unlikely to get the same. */
export async function freePort(bind = '127.0.0.1'): Promise<number> {
  for (let n = 0; n < TRIES; n++) {
    const port = randomInt(FREE_FROM, FREE_TO);
    if (await isFree(bind, port)) return port;
  }
  throw new Error(`no free port between ${FREE_FROM} and ${FREE_TO} after ${TRIES} tries`);
}
