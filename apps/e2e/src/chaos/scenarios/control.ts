import { CHECKOUT } from '@tallyward/local';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet, MemberName } from '../fleet';
import { Row } from '../row';
import type { Scenario } from './scenario';

/** A guard of a built service, and what stands there without it. */
interface Guard {
  readonly app: 'entitlement' | 'gateway';
  readonly file: string;
  readonly stands: string;
  readonly without: string;
}

const BATCHES = 60;

/** Long enough for a gateway to die between its answer and the append. */
const EARLY_MS = 500;

const ACK_AFTER_APPEND: Guard = {
  app: 'gateway',
  file: 'record-usage/usage-log.js',
  stands: 'async append(entries) {',
  without: `async append(entries) {
    setTimeout(() => void this.appendLater(entries), ${EARLY_MS});
    return { kind: 'acked' };
  }
  async appendLater(entries) {`,
};

const KEYS: Guard = {
  app: 'entitlement',
  file: 'project-totals/fold-batch.js',
  stands: 'known.size === 0 ? alone :',
  without: 'true ? alone :',
};

const QUARANTINE: Guard = {
  app: 'entitlement',
  file: 'project-totals/fold-batch.js',
  stands: 'await transaction.park(parked);',
  without: '',
};

/** A gateway that acks before the log has the events, and dies: they must be missed as lost. */
const ACKS_EARLY = control('control.gateway-acks-early', 'lost', async (row) => {
  const gateway = row.fleet.member('gateway-1');
  await runWithout(row.fleet, 'gateway-1', ACK_AFTER_APPEND);
  row.start(BATCHES);
  // It dies with answers of half a second that the log has not seen.
  gateway.trap.set(['gateway.before-append#20']);
  await gateway.trap.sprung(1);
  await row.load.done();
  gateway.trap.clear();
  await gateway.runFrom();
});

/** The totals fold without its memory of what it has counted: repeats must be seen as doubled. */
const WITHOUT_KEYS = control('control.totals-without-keys', 'doubled', async (row) => {
  await runWithout(row.fleet, 'entitlement', KEYS);
  row.start(BATCHES);
  await row.load.done();
});

/** The totals fold that passes over conflicts: what it did not set aside must be seen as lost. */
const WITHOUT_QUARANTINE = control('control.totals-without-quarantine', 'lost', async (row) => {
  await runWithout(row.fleet, 'entitlement', QUARANTINE);
  row.start(BATCHES);
  await row.load.done();
  await row.fleet.folded();
  await row.fleet.member('entitlement').runFrom();
});

/** The last leaves the totals wrong: nothing can come after it. */
export const CONTROLS: readonly Scenario[] = [ACKS_EARLY, WITHOUT_QUARANTINE, WITHOUT_KEYS];

function control(
  name: string,
  shows: Scenario['shows'],
  work: (row: Row) => Promise<void>,
): Scenario {
  return { name, shows, run: (around) => Row.carryOut({ ...around, name }, work) };
}

/** Runs a service from a copy of its built files, of which one lacks its guard. */
async function runWithout(fleet: Fleet, name: MemberName, guard: Guard): Promise<void> {
  const scratch = join(fleet.bed.directory, 'scratch');
  const copy = join(scratch, guard.app, 'dist');
  cpSync(join(CHECKOUT, 'apps', guard.app, 'dist'), copy, { recursive: true });
  const modules = join(scratch, 'node_modules');
  if (!existsSync(modules)) symlinkSync(join(CHECKOUT, 'node_modules'), modules);
  const file = join(copy, guard.file);
  const built = readFileSync(file, 'utf8');
  const parts = built.split(guard.stands);
  if (parts.length !== 2) throw new Error(`${guard.file} has no "${guard.stands}" to take out`);
  writeFileSync(file, parts.join(guard.without));
  await fleet.member(name).runFrom(scratch);
}
