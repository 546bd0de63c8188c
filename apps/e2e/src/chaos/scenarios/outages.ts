import type { EngineName } from '@tallyward/local';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayMemory } from '../memory';
import { Row } from '../row';
import { BATCH_EVENTS } from '../stream';
import type { Scenario } from './scenario';

interface Outage {
  readonly engine: EngineName;
  readonly seconds: number;
  /** While the log is away nothing may be acked. */
  readonly stopsAcks?: boolean;
}

const OUTAGES: readonly Outage[] = [
  { engine: 'clickhouse', seconds: 120 },
  { engine: 'postgres', seconds: 60 },
  { engine: 'kafka', seconds: 40, stopsAcks: true },
];

/** Twice the most that a quiet gateway was seen to need: what it may not pass, whatever is away. */
const MOST_RSS_GROWTH_MIB = 256;

/** An engine is away for long, under load, and comes back. */
export const AWAY: readonly Scenario[] = OUTAGES.map((outage) => ({
  name: `away.${outage.engine}`,
  mayRefuse: outage.stopsAcks ?? false,
  run: (around) =>
    Row.carryOut({ ...around, name: `away.${outage.engine}` }, async (row) => {
      const memory = new GatewayMemory(row.fleet);
      const before = row.fleet.gatewayPids();
      try {
        await away(row, outage);
      } finally {
        const { lines, growthMiB } = memory.end();
        row.notes.push(...lines);
        if (growthMiB > MOST_RSS_GROWTH_MIB) row.faults.push(`a gateway grew by ${growthMiB} MiB`);
      }
      if (row.fleet.gatewayPids() !== before) row.faults.push('a gateway was started again');
    }),
}));

async function away(row: Row, { engine, seconds, stopsAcks = false }: Outage): Promise<void> {
  const { bed } = row.fleet;
  row.start();
  await bed.stop(engine);
  const from = performance.now();
  await pause(seconds * 1_000);
  const to = performance.now();
  const acks = row.load.ackedAt.filter((at) => at > from && at < to).length;
  const rate = Math.round((acks * BATCH_EVENTS) / seconds);
  row.notes.push(`${engine} away for ${seconds} s: ${acks} batches acked, ${rate} events/s`);
  if (stopsAcks !== (acks === 0)) row.faults.push(`${acks} batches acked while it was away`);
  await bed.start(engine);
  await row.load.finish();
}
