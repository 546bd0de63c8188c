import { dateAndTime, exactly } from './instants';
import { useTimeZone } from './time-zone';

/** An instant in the zone that is switched on; to the second, and with its zone, on hover. */
export function Instant({ at, timeZone }: { at: string | number; timeZone?: string }) {
  const shown = useTimeZone().timeZone;
  const zone = timeZone ?? shown;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly(at, zone)} className="tw-number">
      {dateAndTime(at, zone)}
    </time>
  );
}
