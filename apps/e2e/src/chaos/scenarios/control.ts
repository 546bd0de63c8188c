import { CHECKOUT } from '@tallyward/local';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Row } from '../row';
import type { Scenario } from './scenario';

const NAME = 'control.totals-without-keys';
const FOLD = 'project-totals/fold-batch.js';
const GUARD = /known\.size === 0 \? alone :/;
const WITHOUT = 'true ? alone :';
const BATCHES = 60;

/**
 * The totals fold without its memory of what it has counted, from a copy of the built service: the
 * same stream must come out doubled and unequal.
 */
export const WITHOUT_KEYS: Scenario = {
  name: NAME,
  isControl: true,
  run: (around) => {
    const { fleet } = around;
    const scratch = join(fleet.bed.directory, 'without-keys');
    cpSync(join(CHECKOUT, 'apps/entitlement/dist'), join(scratch, 'entitlement/dist'), {
      recursive: true,
    });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(scratch, 'node_modules'));
    takeOut(join(scratch, 'entitlement/dist', FOLD));
    return Row.carryOut({ ...around, name: NAME }, async (row) => {
      const entitlement = fleet.member('entitlement');
      entitlement.runFrom(scratch);
      await entitlement.restart();
      row.start(BATCHES);
      await row.load.done();
    });
  },
};

function takeOut(file: string): void {
  const built = readFileSync(file, 'utf8');
  if (!GUARD.test(built)) throw new Error(`${FOLD} has no ${GUARD.source}: the control is stale`);
  writeFileSync(file, built.replace(GUARD, WITHOUT));
}
