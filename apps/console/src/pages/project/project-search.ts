const MOST_CHARACTERS = 128;

/** Ids and names may look like numbers in an address. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).slice(0, MOST_CHARACTERS) || undefined;
}

/** The audit trail's filters, as its address holds them. */
export interface AuditSearch {
  readonly customer?: string;
  readonly tier?: string;
}

export function auditSearch({ customer, tier }: Record<string, unknown>): AuditSearch {
  return {
    ...(text(customer) ? { customer: text(customer) } : {}),
    ...(text(tier) ? { tier: text(tier) } : {}),
  };
}

/** The event explorer: whose trail runs, or which event is looked up. */
export interface EventsSearch {
  readonly customer?: string;
  readonly source?: string;
  readonly id?: string;
}

export function eventsSearch({ customer, source, id }: Record<string, unknown>): EventsSearch {
  return {
    ...(text(customer) ? { customer: text(customer) } : {}),
    ...(text(source) ? { source: text(source) } : {}),
    ...(text(id) ? { id: text(id) } : {}),
  };
}
