import { z } from 'zod';
import { pageQuery } from './catalogue';
import { instant, name, projectId } from './names';

/** A change of state, for the audit trail: the value of `entitlement.facts.v1`. */
export const auditFact = z.object({
  factId: z.string(),
  type: z.string().meta({ description: 'Past tense, such as model.grouped or key.revoked.' }),
  project: projectId,
  /** The project's version that the change made: orders the facts of a project. */
  version: z.number().int().min(1),
  at: instant,
  actor: z.string(),
  subject: z.string(),
  before: z.unknown().nullable(),
  after: z.unknown().nullable(),
  reason: z.string().nullable(),
});
export type AuditFact = z.infer<typeof auditFact>;

/** Newest first. */
export const auditQuery = pageQuery.extend({
  customer: name.optional(),
  tier: name.optional().meta({ description: 'Facts about the tier, and about who came or left.' }),
  from: instant.optional(),
  to: instant.optional(),
});
export type AuditQuery = z.output<typeof auditQuery>;
