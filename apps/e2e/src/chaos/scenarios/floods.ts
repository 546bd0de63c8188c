import { setTimeout as pause } from 'node:timers/promises';
import { Flood, type FloodShape } from '../flood';
import { GatewayMemory } from '../memory';
import { QueueWatch } from '../queue-watch';
import { Row } from '../row';
import type { Scenario } from './scenario';

/**
 * One gateway gets large batches until its queue of entries is full, the other single events until
 * it has no room for a further request.
 */
const SHAPES: readonly FloodShape[] = [
  { gateway: 'gateway-1', requestsPerSecond: 18, eventsPerRequest: 500 },
  { gateway: 'gateway-2', requestsPerSecond: 500, eventsPerRequest: 1 },
];
const BEFORE_MS = 1_000;
/** What the queue, bodies and answers of a full gateway may cost beside what it needs at rest. */
const MOST_RSS_GROWTH_MIB = 768;

/** The log for a while, as its clients have it. */
interface Absence {
  readonly name: string;
  readonly ms: number;
  /** Answers that must be seen of every gateway. */
  readonly seen: readonly string[];
  begin(row: Row): Promise<void>;
  end(row: Row): Promise<void>;
}

function signal({ fleet }: Row, name: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = fleet.bed.pid('kafka');
  if (pid === undefined) throw new Error('the broker does not run');
  process.kill(pid, name);
}

const ABSENCES: readonly Absence[] = [
  {
    // Connections stand, and nobody answers: until the deadline of an append, all wait.
    name: 'kafka-silent',
    ms: 11_000,
    seen: ['429', '503'],
    begin: async (row) => signal(row, 'SIGSTOP'),
    end: async (row) => signal(row, 'SIGCONT'),
  },
  {
    name: 'kafka-away',
    ms: 8_000,
    seen: ['503'],
    begin: ({ fleet }) => fleet.bed.stop('kafka'),
    end: ({ fleet }) => fleet.bed.start('kafka'),
  },
];

/** More usage than a log that does not answer lets through: the gateways' bounds are reached. */
export const FLOODS: readonly Scenario[] = ABSENCES.map((absence) => ({
  name: `flood.${absence.name}`,
  mayRefuse: true,
  run: (around) =>
    Row.carryOut({ ...around, name: `flood.${absence.name}` }, (row) => flooded(row, absence)),
}));

async function flooded(row: Row, absence: Absence): Promise<void> {
  const memory = new GatewayMemory(row.fleet);
  const queues = SHAPES.map(({ gateway }) => new QueueWatch(row.fleet, gateway));
  const floods = SHAPES.map((shape) => new Flood(row, shape));
  const before = row.fleet.gatewayPids();
  row.start();
  floods.forEach((flood) => flood.start());
  try {
    await pause(BEFORE_MS);
    await absence.begin(row);
    await pause(absence.ms).finally(() => absence.end(row));
  } finally {
    // Without being started again, the gateways ack what is sent again now.
    await Promise.all(floods.map((flood) => flood.finish()));
    await Promise.all(queues.map((queue) => queue.end()));
    const { lines, growthMiB } = memory.end();
    row.notes.push(...floods.map((flood) => flood.line()), ...queues.map(queueLine), ...lines);
    if (growthMiB > MOST_RSS_GROWTH_MIB) row.faults.push(`a gateway grew by ${growthMiB} MiB`);
  }
  for (const { faults, answers, shape } of floods) {
    row.faults.push(...faults);
    const unseen = absence.seen.filter((status) => !answers.has(status));
    row.faults.push(...unseen.map((status) => `${shape.gateway} never answered ${status}`));
  }
  if (row.fleet.gatewayPids() !== before) row.faults.push('a gateway was started again');
}

const queueLine = ({ gateway, most }: QueueWatch): string =>
  `${gateway}: at most ${most} entries were seen waiting for the log`;
