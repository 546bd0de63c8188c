import type { CustomerSnapshot, DecisionRequest } from '@tallyward/contracts';
import { type Call, demandOf, type Met, UNCLASSIFIED, type WindowFrame } from '@tallyward/domain';
import type { KnownProject } from '../access/project-snapshots';
import type { CustomerDesk } from '../leases/customer-desk';
import type { KnownCounter } from '../leases/known-counter';

/** A call that is to be decided, with what does not change while it waits. */
export interface CallToDecide {
  readonly request: DecisionRequest;
  readonly project: KnownProject;
  readonly desk: CustomerDesk;
  readonly call: Call;
  /** Its number at this process; its hold's too. */
  readonly number: number;
  readonly ttlMs: number;
  /** What a look found out; null: it is no look. */
  readonly look: Look | null;
}

/** How the windows of a customer are cut. */
export function frameOf(
  { project }: Pick<CallToDecide, 'project'>,
  { timeZone, billingAnchor }: CustomerSnapshot,
): WindowFrame {
  return { timeZone: timeZone ?? project.timeZone, billingAnchor };
}

/** A limit that a call meets, with what this gateway knows of its counter. */
export type MetHere = Met<KnownCounter>;

/** What entitlement said to a look, for its own use alone. */
export interface Look {
  /** The lease book's names of limits that the call fits into. */
  readonly fits: Set<string>;
  /** A customer that nobody made yet, as it would be. */
  newcomer: CustomerSnapshot | null;
}

export function callToDecide(
  request: DecisionRequest,
  project: KnownProject,
  desk: CustomerDesk,
  number: number,
): CallToDecide {
  const { customer, workspace = '', user = '', role = '' } = request;
  return {
    request,
    project,
    desk,
    call: {
      modelGroup: project.models.get(request.model) ?? UNCLASSIFIED,
      demand: demandOf(request.estimate),
      scopes: { customer, workspace, user, role },
    },
    number,
    ttlMs: request.ttlSeconds * 1_000,
    look: request.hold ? null : { fits: new Set(), newcomer: null },
  };
}
