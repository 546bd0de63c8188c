/**
 * The guards, as data. Of each:
 * - `name`: what `npm run guards -- NAME` takes;
 * - `keeps`: the invariant of the design (I1 …) or the rule of the protocol it keeps;
 * - `file`, `find`, `put`: the text that is the guard, which must stand there exactly once, and
 *   what stands there without it;
 * - `test`: the one that must miss it: its project, file and full name;
 * - `red`: what its failure then says, so that no other failure passes for this one.
 */
import { ANALYSTS } from './table/analysts.mjs';
import { CONSUMERS } from './table/consumers.mjs';
import { COUNTING } from './table/counting.mjs';
import { BROWSERS } from './table/browsers.mjs';
import { ENGINES } from './table/engines.mjs';
import { GATEWAY } from './table/gateway.mjs';
import { HOLD_GUARDS } from './table/holds.mjs';
import { LISTS } from './table/lists.mjs';
import { LOG } from './table/log.mjs';
import { PUBLISHING } from './table/publishing.mjs';
import { LEASES } from './table/leases.mjs';
import { QUOTA } from './table/quota.mjs';
import { BILLING } from './table/billing.mjs';
import { CLOSING } from './table/closing.mjs';
import { RECONCILIATION } from './table/reconciliation.mjs';
import { RECORDS } from './table/records.mjs';
import { TIERS } from './table/tiers.mjs';
import { TOTALS } from './table/totals.mjs';
import { VOIDS } from './table/voids.mjs';
import { WAREHOUSE } from './table/warehouse.mjs';

export const GUARDS = [
  ...COUNTING,
  ...GATEWAY,
  ...BROWSERS,
  ...LOG,
  ...PUBLISHING,
  ...TIERS,
  ...LEASES,
  ...QUOTA,
  ...HOLD_GUARDS,
  ...TOTALS,
  ...BILLING,
  ...CLOSING,
  ...RECONCILIATION,
  ...RECORDS,
  ...CONSUMERS,
  ...VOIDS,
  ...WAREHOUSE,
  ...LISTS,
  ...ANALYSTS,
  ...ENGINES,
];
