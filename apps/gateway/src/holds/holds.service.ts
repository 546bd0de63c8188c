import type { HoldSettled } from '@tallyward/contracts';
import { heldCall, holdEventId, type HoldToken, isAboveHold } from '@tallyward/domain';
import { Problem } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';
import type { TierSnapshots } from '../access/tier-snapshots';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { KeepUsage } from '../record-usage/keep-usage';
import { noneAccepted } from '../record-usage/record-usage.service';
import { stampOf } from '../record-usage/usage-entry';
import type { HoldKeeper } from './hold-keeper';
import type { HoldTokens } from './hold-tokens';
import { type Settlement, settlementOf } from './settlement';

const SETTLE_AGAIN = 'The log did not say that it has the settlement; settle again, the same.';
const RELEASE_AGAIN = 'The gateway that admitted it may not hear of it; release it again.';

export interface HoldsParts {
  readonly tokens: HoldTokens;
  readonly keeper: HoldKeeper;
  readonly tiers: TierSnapshots;
  readonly usage: KeepUsage;
  readonly events: GatewayEvents;
}

/** Settles and releases holds, those of other gateways too: all it knows of one is its token. */
export class Holds {
  constructor(private readonly parts: HoldsParts) {}

  /** A forged hold, another project's and one that never was: none of them can be told apart. */
  find(holdId: string, { project }: Identity): HoldToken | Problem {
    return this.parts.tokens.read(holdId, project.project) ?? notFound();
  }

  /** `body`: the data of a usage event. */
  async settle(
    token: HoldToken,
    body: unknown,
    identity: Identity,
  ): Promise<HoldSettled | Problem> {
    const { keeper, usage } = this.parts;
    const stamp = stampOf(identity);
    const settlement = settlementOf(token, body, stamp, keeper.process);
    if (settlement.kind === 'rejected') return this.rejected(token, settlement, stamp.project);
    const { entry, eventId, used } = settlement;
    keeper.settling(token);
    const kept = await usage.keep([entry], stamp.project, SETTLE_AGAIN);
    keeper.appended(token, kept.kind === 'acked' ? { ...kept, place: kept.last } : kept, used);
    if (kept.kind !== 'acked') return kept.problem;
    const tier = this.parts.tiers.tier(stamp.project, token.tier);
    return { eventId, aboveHold: isAboveHold(tier?.limits ?? null, heldCall(token), used) };
  }

  /** Undefined: nothing is held any more, or will be soon. */
  async release(token: HoldToken, { project }: Identity): Promise<Problem | undefined> {
    switch (await this.parts.keeper.release(token, project.project)) {
      case 'settled':
        return gatewayProblem('hold-settled', {
          detail: 'What the call used was settled, or may have been; nothing is given back.',
        });
      case 'unknown':
        this.parts.events.requestRefused('not-durable');
        return gatewayProblem('not-durable', {
          detail: RELEASE_AGAIN,
          headers: { 'retry-after': '1' },
        });
      default:
        return undefined;
    }
  }

  private rejected(
    token: HoldToken,
    { code, detail }: Extract<Settlement, { kind: 'rejected' }>,
    project: string,
  ): Problem {
    this.parts.events.eventsRejected(project, [code]);
    return noneAccepted([{ index: 0, id: holdEventId(token), code, detail }]);
  }
}

function notFound(): Problem {
  return gatewayProblem('hold-not-found', {
    detail: 'No decision gave out this hold; send the holdId as it was given.',
  });
}
