import type { Span } from '@tallyward/domain';
import { z } from 'zod';
import { decodeCursor, pageOf } from '../cursor';
import type { OverageLine } from './overage-lines';

export interface OveragesWanted {
  readonly span: Span;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export type OveragePage =
  | { readonly kind: 'page'; data: OverageLine[]; nextCursor: string | null }
  | { readonly kind: 'not-a-cursor' }
  | { readonly kind: 'too-many' };

const place = z.tuple([z.number().int(), z.string()]);

/** A page of a customer's lines, which are given in their order; null: they are too many. */
export function overagePage(
  lines: readonly OverageLine[] | null,
  { limit, cursor }: OveragesWanted,
): OveragePage {
  const after = cursor === undefined ? null : decodeCursor(place, cursor);
  if (cursor !== undefined && after === null) return { kind: 'not-a-cursor' };
  if (lines === null) return { kind: 'too-many' };
  const rest = after === null ? lines : lines.filter((line) => isAfter(line, after));
  const placeOf = ({ window, counter }: OverageLine): [number, string] => [window.from, counter];
  return { kind: 'page', ...pageOf(rest, limit, (line) => line, placeOf) };
}

function isAfter({ window, counter }: OverageLine, [from, name]: [number, string]): boolean {
  return window.from === from ? counter > name : window.from > from;
}
