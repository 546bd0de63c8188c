/** Who passes a point: a service under load, or a command that is run for it. */
export type PointOwner =
  | 'gateway-1'
  | 'entitlement'
  | 'aggregator'
  | 'rebuild-totals'
  | 'rebuild-warehouse'
  | 'entitlement-pruning'
  | 'aggregator-pruning';

export interface Point {
  readonly name: string;
  readonly owner: PointOwner;
  /** Which passing kills. */
  readonly passing?: number;
  /** The point at which an earlier life must have died, for this one to be reached. */
  readonly after?: string;
  /** What makes a running service pass it, besides usage. */
  readonly by?:
    | 'changes'
    | 'new-projects'
    | 'customers'
    | 'gifts'
    | 'settlements'
    | 'voids'
    | 'asks'
    | 'closings'
    | 'stale-snapshot'
    | 'start'
    | 'old-ids';
}

const of = (owner: PointOwner, more: Omit<Point, 'name' | 'owner'>, ...names: string[]): Point[] =>
  names.map((name) => ({ name, owner, ...more }));

/**
 * Every crash point of the product, and how the matrix reaches it: a spec compares this list with
 * the sources.
 */
export const POINTS: readonly Point[] = [
  ...of('gateway-1', { passing: 5 }, 'gateway.before-append', 'gateway.after-append'),
  ...of(
    'entitlement',
    { passing: 3 },
    ...['totals.before-progress', 'totals.after-progress', 'totals.after-new-keys'],
    ...[
      'totals.after-keys',
      'totals.after-parked',
      'totals.after-quarantine',
      'totals.after-totals',
    ],
    ...['totals.after-customers', 'totals.after-commit'],
  ),
  ...of(
    'entitlement',
    { by: 'settlements', passing: 3 },
    ...['totals.after-counters', 'totals.after-leases', 'totals.after-overruns'],
    'totals.after-owners',
  ),
  ...of('entitlement', { by: 'voids', passing: 3 }, 'totals.after-renewed', 'totals.after-voids'),
  ...of(
    'entitlement',
    { by: 'asks' },
    ...['leases.before-progress', 'leases.after-progress', 'leases.after-customers'],
    ...['leases.after-counters', 'leases.after-returned', 'leases.after-returns'],
    ...['leases.after-amounts', 'leases.after-leased', 'leases.after-grants'],
    ...['leases.after-answers', 'leases.after-commit', 'leases.after-marks'],
    ...['leases.after-reclaim', 'leases.after-round'],
  ),
  ...of('entitlement', { by: 'start' }, 'leases.after-prune'),
  ...of(
    'aggregator',
    { passing: 3 },
    ...['warehouse.before-intent', 'warehouse.after-keys', 'warehouse.after-parked'],
    ...['warehouse.after-progress', 'warehouse.before-commit', 'warehouse.after-intent'],
    ...['warehouse.after-insert', 'warehouse.after-landed'],
  ),
  ...of('aggregator', { passing: 3 }, 'proofs.after-taken'),
  ...of(
    'aggregator',
    { by: 'closings' },
    ...['billing.after-opened', 'billing.after-taken', 'billing.after-records'],
    ...['billing.after-released', 'billing.after-queue', 'billing.after-moved'],
    ...['billing.before-commit', 'billing.after-commit', 'billing.after-publish'],
    ...['billing.after-turn', 'billing.after-held', 'billing.after-fact'],
  ),
  ...of('entitlement', { by: 'old-ids', passing: 2 }, 'totals.after-reused'),
  ...of('aggregator', { by: 'old-ids', passing: 2 }, 'warehouse.after-reused'),
  ...of(
    'aggregator',
    { after: 'warehouse.after-insert' },
    'warehouse.after-finishing-insert',
    'warehouse.after-finished',
  ),
  ...of(
    'entitlement',
    { by: 'changes' },
    ...['catalog.before-claim', 'catalog.after-claim', 'catalog.after-fact'],
    ...['catalog.after-version', 'catalog.after-audit', 'catalog.after-queue'],
    ...['catalog.before-commit', 'catalog.after-commit'],
    ...['outbox.before-publish', 'outbox.after-topic', 'outbox.after-publish'],
    'outbox.after-delete',
  ),
  ...of(
    'entitlement',
    { by: 'new-projects' },
    ...['catalog.after-project-row', 'catalog.after-new-project', 'catalog.after-further-fact'],
  ),
  ...of(
    'entitlement',
    { by: 'customers' },
    ...['customers.after-seen', 'customers.after-told', 'customers.after-plan'],
    ...['customers.after-rows', 'customers.after-forgiven', 'customers.after-version'],
  ),
  ...of(
    'entitlement',
    { by: 'gifts' },
    ...['counters.after-opened', 'counters.after-grown', 'counters.after-raised'],
  ),
  ...of(
    'entitlement',
    { by: 'stale-snapshot' },
    ...['catalog.after-republish', 'customers.after-raise'],
  ),
  ...of('entitlement', { by: 'start' }, 'catalog.after-demo'),
  ...of(
    'rebuild-totals',
    {},
    ...['rebuild-totals.after-tables', 'rebuild-totals.after-batch', 'rebuild-totals.before-swap'],
    ...['rebuild-totals.before-commit', 'rebuild-totals.after-commit'],
  ),
  ...of(
    'rebuild-warehouse',
    {},
    ...['rebuild.after-prepare', 'rebuild.after-fence', 'rebuild.after-swap-intent'],
    ...['rebuild.after-exchange', 'rebuild.after-rename', 'rebuild.after-next-tables'],
    'rebuild.after-live-tables',
  ),
  ...of('entitlement-pruning', {}, 'totals.after-prune', 'catalog.after-prune'),
  ...of('aggregator-pruning', {}, 'warehouse.after-prune'),
];

/** What to arm, one for each life of the process. */
export function traps({ name, after, passing = 1 }: Point): string[] {
  return [...(after ? [after] : []), `${name}#${passing}`];
}
