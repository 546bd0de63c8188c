import { CHECKOUT } from '@tallyward/local';
import {
  benchCustomer,
  benchEvent,
  type BenchRun,
  digits,
  HttpLane,
  inFlight,
  postBytes,
  processorMicros,
  residentBytes,
  streamStart,
  type Watched,
} from '@tallyward/testing';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandEnvironment, RECONCILE } from './script.builder';
import type { Stack } from './stack.builder';

/** Every process of a stack and the bench itself. */
function processesOf({ bed, gateways, entitlement, aggregator }: Stack): Record<string, Watched> {
  return {
    bench: 'self',
    gateway: () => gateways[0]?.pid,
    entitlement: () => entitlement.pid,
    aggregator: () => aggregator.pid,
    kafka: () => bed.pid('kafka'),
    postgres: () => bed.pid('postgres'),
    clickhouse: () => bed.pid('clickhouse'),
  };
}

type Times = ReadonlyMap<string, number>;

/** What to call for the processor time (µs) that each process used so far. */
export function processorsOf(stack: Stack): () => Times {
  const processes = Object.entries(processesOf(stack));
  return () =>
    new Map(
      processes.flatMap(([name, watched]) => {
        const micros = processorMicros(watched);
        return micros === undefined ? [] : [[name, micros] as const];
      }),
    );
}

export function processorText(before: Times, after: Times, events: number): string {
  const each = [...after].map(([name, micros]) => {
    return `${name} ${((micros - (before.get(name) ?? 0)) / events).toFixed(1)}`;
  });
  return `µs of processor per event – ${each.join(', ')}`;
}

/** Events of one request, and requests at once, of a bench that sends as fast as it goes. */
export const BATCH = 100;
export const IN_FLIGHT = 8;

/** A batch of a stream as the bytes that are sent. */
export function batchRequest(
  stack: Stack,
  run: string,
  first: number,
  start: number,
  customerOf = benchCustomer,
): Buffer {
  const headers = {
    authorization: `Bearer ${stack.operatorKey}`,
    'content-type': 'application/cloudevents-batch+json',
  };
  const events = Array.from({ length: BATCH }, (_, i) =>
    benchEvent(run, first + i, start, customerOf(first + i)),
  );
  return postBytes('/v1/events', headers, JSON.stringify(events));
}

export const lanesTo = (stack: Stack, count: number): Promise<HttpLane[]> =>
  Promise.all(Array.from({ length: count }, () => HttpLane.open(stack.gateways[0]?.url ?? '')));

export interface Load {
  /** Tells its ids from those of other streams. */
  readonly run: string;
  readonly events: number;
  tell(line: string): void;
}

const BATCHES_PER_LINE = 500;

/** Sends a stream through the gateway; resolves when all of it is acked. */
export async function sendAll(stack: Stack, { run, events, tell }: Load): Promise<void> {
  const lanes = await lanesTo(stack, IN_FLIGHT);
  const start = streamStart();
  const batches = Array.from({ length: events / BATCH }, (_, batch) => batch);
  await inFlight(batches, IN_FLIGHT, async (batch, worker) => {
    const answer = await lanes[worker]?.ask(batchRequest(stack, run, batch * BATCH, start));
    if (answer?.status !== 202) throw new Error(`${answer?.status}: ${answer?.body}`);
    if ((batch + 1) % BATCHES_PER_LINE === 0) tell(`${digits((batch + 1) * BATCH)} events sent`);
  });
  for (const lane of lanes) lane.close();
}

export interface Reconciled {
  readonly events: number;
  readonly seconds: number;
  readonly residentBytes: number;
}

const RECONCILED_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 100;

/** Runs the command as its users do, and looks at its memory while it runs. */
export function reconciled({ tell, brokenOff }: BenchRun, { bed }: Stack): Promise<Reconciled> {
  const startedAt = performance.now();
  const limits = {
    env: commandEnvironment(bed),
    timeout: RECONCILED_WITHIN_MS,
    signal: brokenOff,
  };
  const child = spawn(process.execPath, [join(CHECKOUT, RECONCILE), '--json'], limits);
  let [out, wrong, most] = ['', '', 0];
  child.stdout.on('data', (text: Buffer) => (out += String(text)));
  child.stderr.on('data', (text: Buffer) => (wrong += String(text)));
  const look = (): void => {
    const bytes = child.pid === undefined ? undefined : residentBytes(child.pid);
    most = Math.max(most, bytes || 0);
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(looking);
      const seconds = (performance.now() - startedAt) / 1_000;
      if (code !== 0) return reject(new Error(`reconcile ended with ${code}: ${wrong}${out}`));
      const { log } = JSON.parse(out) as { log: { events: number } };
      tell(`reconcile: ${digits(log.events)} events in ${seconds.toFixed(1)} s, equal`);
      resolve({ events: log.events, seconds, residentBytes: most });
    });
  });
}
