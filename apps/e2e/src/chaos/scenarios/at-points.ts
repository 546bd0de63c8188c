import { DEFAULT_TIER, TOPICS } from '@tallyward/contracts';
import { Asks } from '../asks';
import type { ChangeKind } from '../changes';
import type { Fleet } from '../fleet';
import { appendOldIds } from '../old-ids';
import { traps, POINTS, type Point, type PointOwner } from '../points';
import { published } from '../published';
import { Row } from '../row';
import { Closings } from '../closings';
import { Settlements } from '../settlements';
import { Voids } from '../voids';
import type { Scenario } from './scenario';

type ServiceOwner = Extract<PointOwner, 'gateway-1' | 'entitlement' | 'aggregator'>;
type ServicePoint = Point & { readonly owner: ServiceOwner };

const KINDS: Record<NonNullable<Point['by']>, readonly ChangeKind[] | undefined> = {
  changes: ['model', 'key', 'model'],
  'new-projects': ['project'],
  customers: ['customer'],
  gifts: ['customer', 'gift'],
  settlements: undefined,
  voids: undefined,
  asks: undefined,
  closings: undefined,
  'stale-snapshot': undefined,
  start: undefined,
  'old-ids': undefined,
};

const ofService = (point: Point): point is ServicePoint =>
  ['gateway-1', 'entitlement', 'aggregator'].includes(point.owner);

/** A service dies at a point under load, and its supervisor starts it again. */
const atPoint = (point: ServicePoint): Scenario => ({
  name: point.name,
  mayRefuse: point.owner === 'gateway-1',
  run: (around) =>
    Row.carryOut(
      { ...around, name: point.name },
      (row) => dieAt(row, point),
      point.by && KINDS[point.by],
    ),
});

const isEntitlements = ({ owner }: Point): boolean => owner === 'entitlement';
const points = POINTS.filter(ofService);

export const ENTITLEMENT_POINTS = points.filter(isEntitlements).map(atPoint);
/** Those of the other services. */
export const AT_SERVICE_POINTS = points.filter((point) => !isEntitlements(point)).map(atPoint);

async function dieAt(row: Row, point: ServicePoint): Promise<void> {
  const { fleet } = row;
  const member = fleet.member(point.owner);
  if (point.by === 'old-ids') await appendOldIds(row);
  row.start();
  const beside = await besideOf(row, point);
  row.beside = beside;
  member.trap.set(traps(point));
  try {
    if (point.by === 'stale-snapshot') await appendStaleSnapshot(fleet);
    if (point.by === 'start') member.kill();
    await member.trap.sprung(traps(point).length);
    await member.back();
    assertDeaths(member.trap.deaths(), point);
  } finally {
    member.trap.clear();
    await beside?.finish();
  }
}

/** What is written into the log beside the load, for a point that usage alone does not pass. */
async function besideOf(
  row: Row,
  { by }: Point,
): Promise<Asks | Settlements | Closings | Voids | undefined> {
  if (by === 'asks') return Asks.start(row);
  if (by === 'closings') return Closings.start(row);
  if (by === 'voids') return Voids.start(row);
  return by === 'settlements' ? Settlements.start(row) : undefined;
}

/** As a request of a former relay does that was still on its way when it lost the lock. */
export async function appendStaleSnapshot(fleet: Fleet): Promise<void> {
  const { name, partitions } = TOPICS.snapshots;
  const last = (await published(fleet)).snapshots.get('demo');
  if (!last) throw new Error('project demo was never published');
  const appender = fleet.log.appender({ partitions: { [name]: partitions } });
  const value = JSON.stringify({ ...last, version: last.version - 1 });
  try {
    const tier = `t:demo:${DEFAULT_TIER.name}:${DEFAULT_TIER.version}`;
    const stale = [
      { key: 'p:demo', value },
      { key: tier, value: '{}' },
    ];
    const outcomes = await appender.append(name, stale);
    if (outcomes.some(({ kind }) => kind !== 'acked')) {
      throw new Error('the stale snapshots were not appended');
    }
  } finally {
    await appender.close();
  }
}

/** A point that was not passed is a failure, never a pass. */
export function assertDeaths(deaths: readonly string[], { name, after }: Point, said = ''): void {
  const wanted = [...(after ? [after] : []), name].join();
  if (deaths.join() === wanted) return;
  throw new Error(`died at ${deaths.join() || 'no point'}, not at ${wanted}. ${said}`);
}
