import { agedKeys } from '../../storage/aged-keys';
import type { Fleet } from '../fleet';
import { traps, POINTS, type Point, type PointOwner } from '../points';
import { Row } from '../row';
import type { ScriptEnd } from '../../script.builder';
import { assertDeaths } from './at-points';
import type { Scenario } from './scenario';

/** Enough for the command to run beside usage, and an end: what it folds again does not grow. */
const BATCHES = 100;
const DONE_WITHIN_MS = 120_000;

type CommandOwner = Exclude<PointOwner, 'gateway-1' | 'entitlement' | 'aggregator'>;

interface CommandOf {
  readonly path: string;
  readonly args?: readonly string[];
  /** Done before it is run, so that it has something to do. */
  prepare?(fleet: Fleet): Promise<void>;
}

const old = (fleet: Fleet): Promise<void> => agedKeys(fleet.bed.postgres.admin);

const COMMANDS: Record<CommandOwner, CommandOf> = {
  'rebuild-totals': { path: 'apps/entitlement/dist/rebuild-totals/main.js' },
  'rebuild-warehouse': { path: 'apps/aggregator/dist/rebuild/main.js', args: ['warehouse'] },
  'entitlement-pruning': { path: 'apps/entitlement/dist/pruning.program.js', prepare: old },
  'aggregator-pruning': { path: 'apps/aggregator/dist/pruning.program.js', prepare: old },
};

type CommandPoint = Point & { readonly owner: CommandOwner };

const ofCommand = (point: Point): point is CommandPoint => point.owner in COMMANDS;

/** A command dies at a point while usage comes in, and is run again. */
export const AT_COMMAND_POINTS: readonly Scenario[] = POINTS.filter(ofCommand).map((point) => ({
  name: point.name,
  run: (around) =>
    Row.carryOut({ ...around, name: point.name }, async (row) => {
      await COMMANDS[point.owner].prepare?.(row.fleet);
      row.start(BATCHES);
      await dieAt(row, point);
    }),
}));

async function dieAt(row: Row, point: CommandPoint): Promise<void> {
  const { fleet } = row;
  const { path, args = [] } = COMMANDS[point.owner];
  fleet.commandTrap.set(traps(point));
  const { stderr } = await fleet.script(path, args);
  const deaths = fleet.commandTrap.deaths();
  fleet.commandTrap.clear();
  assertDeaths(deaths, point, stderr);
  const end = await again(fleet, path, args);
  if (end.code !== 0) row.faults.push(`run again, it ended with ${end.code}: ${end.stderr}`);
}

/**
 * As a person would: what could not be done is asked for again. The dead command's locks end with
 * its connections, and a machine with much to do may be too late for one.
 */
async function again(fleet: Fleet, path: string, args: readonly string[]): Promise<ScriptEnd> {
  const until = performance.now() + DONE_WITHIN_MS;
  for (;;) {
    const end = await fleet.script(path, args);
    const mayPass = /another rebuild|timeout/i.test(end.stderr);
    if (end.code === 0 || !mayPass || performance.now() > until) return end;
  }
}
