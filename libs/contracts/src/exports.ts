import { z } from 'zod';
import { instant, name } from './names';

const FORWARD = { path: ['to'], message: 'must be after from' };
const isForward = ({ from, to }: { from: string; to: string }): boolean =>
  Date.parse(from) < Date.parse(to);

/** Query of an export of events: those whose time lies in [from, to). */
export const eventsExportQuery = z
  .strictObject({ from: instant, to: instant, customer: name.optional() })
  .refine(isForward, FORWARD);
export type EventsExportQuery = z.output<typeof eventsExportQuery>;

/** Query of a FOCUS export: the lines of closed periods that begin in [from, to). */
export const focusExportQuery = z
  .strictObject({ from: instant, to: instant })
  .refine(isForward, FORWARD);
export type FocusExportQuery = z.output<typeof focusExportQuery>;
