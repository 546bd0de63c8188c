import { z } from 'zod';
import { instant } from './names';

const whole = z.number().int().min(0);
const rate = z.number().min(0).nullable();

/** How far a fold of the usage log has come, as the service that folds it says. */
export const foldPlace = z.object({
  name: z.enum(['totals', 'warehouse', 'proofs']),
  /** Entries folded since the log began. */
  folded: whole,
  behind: whole,
  /** How long what is not folded yet has waited, at least; 0: nothing waits; null: not known. */
  lagSeconds: z.number().min(0).nullable(),
});
export type FoldPlace = z.output<typeof foldPlace>;
/** What a service behind answers the gateway: `/internal/folds`. */
export const foldPlaces = z.object({ folds: z.array(foldPlace) });
/** What entitlement answers the gateway of a project: `/internal/quarantined`. */
export const quarantinedLately = z.object({ last24h: whole });

const ALL_PROJECTS =
  "Of all projects together, so null but for the operator's; null too while it is not known.";

export const system = z
  .object({
    services: z.array(
      z.object({
        name: z.enum(['gateway', 'entitlement', 'aggregator']),
        state: z.enum(['up', 'degraded', 'down']),
        detail: z.string(),
      }),
    ),
    log: z
      .object({ end: whole.nullable(), perSecond: rate })
      .meta({ description: `Entries of the usage log. ${ALL_PROJECTS}` }),
    folds: z
      .array(
        z.object({
          name: foldPlace.shape.name,
          behind: whole.nullable(),
          perSecond: rate,
          lagSeconds: foldPlace.shape.lagSeconds,
        }),
      )
      .meta({ description: `behind and perSecond: ${ALL_PROJECTS}` }),
    quarantine: z.object({ last24h: whole.nullable() }),
    asOf: instant,
  })
  .meta({ id: 'System', description: 'Rates are over the last 60 s, or less after a first look.' });
export type SystemAnswer = z.output<typeof system>;
