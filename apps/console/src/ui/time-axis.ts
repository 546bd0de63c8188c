import { tick } from './instants';
import { useTimeZone } from './time-zone';

/** How a chart writes its instants. */
export interface TimeAxis {
  readonly xLabel: string;
  readonly writeX: (x: number | string) => string;
}

/** In the zone that is switched on, as fine as the chart's steps need. */
export function useTimeAxis(stepMs: number): TimeAxis {
  const { timeZone } = useTimeZone();
  return { xLabel: `From (${timeZone})`, writeX: (x) => tick(x, timeZone, stepMs) };
}
