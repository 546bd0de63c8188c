import { until } from '@tallyward/testing';
import type { EngineName } from '@tallyward/local';
import { MEMBERS, type Fleet, type MemberName } from '../fleet';
import { Row } from '../row';
import type { Scenario } from './scenario';

const BATCHES = 300;
/** Where on the way the kills come. */
const SHARES = [0.1, 0.5, 0.9] as const;
const PROGRESS_WITHIN_MS = 240_000;
const ENGINES: readonly EngineName[] = ['kafka', 'postgres', 'clickhouse'];

interface Victim {
  readonly name: string;
  kill(fleet: Fleet): Promise<void>;
}

const service = (name: MemberName): Victim => ({
  name,
  async kill(fleet) {
    const member = fleet.member(name);
    member.kill();
    await member.back();
  },
});

const engine = (name: EngineName): Victim => ({
  name,
  async kill({ bed }) {
    bed.kill(name);
    await bed.serves(name);
  },
});

const VICTIMS = MEMBERS.filter((name) => name !== 'gateway-2').map(service);

/** kill -9 under load at 10, 50 and 90 % of the way; each time it is back before the next. */
export const KILLS: readonly Scenario[] = [...VICTIMS, ...ENGINES.map(engine)].map((victim) => ({
  name: `kill.${victim.name}`,
  mayRefuse: ['kafka', 'gateway-1'].includes(victim.name),
  run: (around) =>
    Row.carryOut({ ...around, name: `kill.${victim.name}` }, (row) => killedOnTheWay(row, victim), [
      'model',
      'key',
    ]),
}));

async function killedOnTheWay(row: Row, victim: Victim): Promise<void> {
  row.start(BATCHES);
  for (const share of SHARES) {
    await until(() => row.load.answered >= BATCHES * share, {
      what: `${share * 100} % of the load`,
      withinMs: PROGRESS_WITHIN_MS,
    });
    await victim.kill(row.fleet);
  }
  await row.load.done();
}
