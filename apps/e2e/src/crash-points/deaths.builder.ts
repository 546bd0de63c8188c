import type { MemberName } from '../chaos/fleet';

/**
 * Where services die in `kill-9.e2e.spec.ts`, each in one life of the process: what no spec of
 * their own reaches. `name#3`: at its third passing.
 */
export const SERVICE_DEATHS = {
  'gateway-1': ['gateway.before-append', 'gateway.after-append#4'],
  entitlement: [
    // First: an old id comes again once, and a later life would find it folded.
    'totals.after-reused',
    ...['catalog.before-claim', 'catalog.after-claim', 'catalog.after-project-row'],
    ...['catalog.after-fact', 'catalog.after-version', 'catalog.after-audit'],
    ...['catalog.after-queue', 'catalog.before-commit', 'catalog.after-commit'],
    ...['catalog.after-new-project', 'catalog.after-further-fact'],
    ...['outbox.after-topic', 'outbox.after-delete'],
    'totals.after-parked',
  ],
  aggregator: [
    ...['warehouse.after-reused', 'warehouse.after-parked', 'warehouse.after-progress'],
    ...['warehouse.before-commit', 'warehouse.after-insert', 'warehouse.after-finished'],
  ],
} as const satisfies Partial<Record<MemberName, readonly string[]>>;

/** Where the aggregator dies in `billing-crashes.e2e.spec.ts`, each in one life of it. */
export const CLOSER_DEATHS = [
  ...['proofs.after-taken', 'billing.after-opened', 'billing.after-taken'],
  ...['billing.after-records', 'billing.after-released', 'billing.after-queue'],
  ...['billing.after-moved', 'billing.before-commit', 'billing.after-commit'],
  ...['billing.after-publish', 'billing.after-turn', 'billing.after-held', 'billing.after-fact'],
] as const;

/**
 * Where entitlement dies before there is usage or a change: as it starts, and where the last word
 * about a project or a tier is a former one, which the next change would overtake. The project's is
 * mended first: the tier's is still to be mended by the life after it.
 */
export const DEATHS_AT_REST = [
  'catalog.after-demo',
  ...['catalog.after-republish', 'customers.after-raise'],
] as const;

/**
 * Of pruning, of a rebuild's tables, and of transactions that another point cuts off in `npm test`:
 * `npm run chaos` alone makes services and commands die there.
 */
export const ONLY_IN_CHAOS = [
  ...['totals.after-prune', 'catalog.after-prune', 'warehouse.after-prune'],
  ...['rebuild.after-next-tables', 'rebuild.after-live-tables'],
  ...['leases.before-progress', 'leases.after-progress', 'leases.after-customers'],
  ...['leases.after-counters', 'leases.after-returns', 'leases.after-amounts'],
  ...['leases.after-grants', 'leases.after-marks', 'leases.after-round', 'leases.after-prune'],
  ...['customers.after-seen', 'customers.after-told', 'customers.after-plan'],
  ...['customers.after-rows', 'customers.after-version'],
] as const;

/** The other points, by the file that says where its spec makes a process die. */
export const DEATHS_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'entitlement/src/project-totals/fold-batch.ts': [
    ...['totals.before-progress', 'totals.after-progress', 'totals.after-new-keys'],
    ...['totals.after-keys', 'totals.after-quarantine', 'totals.after-totals'],
    ...['totals.after-customers', 'totals.after-renewed', 'totals.after-voids'],
    'totals.after-counters',
    ...['totals.after-leases', 'totals.after-overruns', 'totals.after-commit'],
    'totals.after-owners',
  ],
  'entitlement/src/rebuild-totals/rebuild-totals.ts': [
    ...['rebuild-totals.after-tables', 'rebuild-totals.after-batch', 'rebuild-totals.before-swap'],
    ...['rebuild-totals.before-commit', 'rebuild-totals.after-commit'],
  ],
  'entitlement/src/leases/crash-points.int.spec.ts': [
    ...['leases.after-returned', 'leases.after-leased', 'leases.after-answers'],
    ...['leases.after-commit', 'leases.after-reclaim'],
  ],
  'entitlement/src/replenish/crash-points.int.spec.ts': [
    ...['customers.after-forgiven', 'counters.after-opened'],
    ...['counters.after-grown', 'counters.after-raised'],
  ],
  'entitlement/src/publish-facts/outbox.int.spec.ts': [
    ...['outbox.before-publish', 'outbox.after-publish'],
  ],
  'aggregator/src/load-warehouse/crash-points.int.spec.ts': [
    ...['warehouse.before-intent', 'warehouse.after-keys', 'warehouse.after-intent'],
    ...['warehouse.after-landed', 'warehouse.after-finishing-insert'],
  ],
  'aggregator/src/rebuild/rebuild.int.spec.ts': [
    ...['rebuild.after-prepare', 'rebuild.after-fence', 'rebuild.after-swap-intent'],
    ...['rebuild.after-exchange', 'rebuild.after-rename'],
  ],
};
