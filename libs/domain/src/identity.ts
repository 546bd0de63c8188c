import type { UsageEvent } from './usage-event';

/** Partitions of the usage log, for ever: identity meets itself in one partition (PROTOCOL 18). */
export const USAGE_PARTITIONS = 12;

/** Key of everything about one customer. A project id never contains ':', so this is one-to-one. */
export function partitionKey(project: string, customer: string): string {
  return `${project}:${customer}`;
}

/**
 * Joins fields so that different lists never give the same text: each with its length in UTF-8
 * bytes.
 */
export function joinFields(fields: readonly (string | number)[]): string {
  let text = '';
  for (const field of fields) {
    // The digits of a number are one byte each.
    if (typeof field === 'number') text += `${String(field).length}:${field}`;
    else text += `${utf8Length(field)}:${field}`;
  }
  return text;
}

/** What makes an event itself: (project, customer, source, id). */
export function identityText(
  event: Pick<UsageEvent, 'project' | 'customer' | 'source' | 'id'>,
): string {
  return joinFields([event.project, event.customer, event.source, event.id]);
}

/**
 * Length in UTF-8 bytes; a lone surrogate counts as U+FFFD does (3 bytes), as encoders write it.
 */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (isPair(code, text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
