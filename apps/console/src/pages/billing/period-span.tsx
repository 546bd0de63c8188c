import type { BillingPeriod } from '@tallyward/contracts';
import { Text } from '@mantine/core';
import { exactly, dateAndTime } from '../../ui/instants';

/** A billed period, in the zone it was cut in; half-open. */
export function PeriodSpan({ period }: { period: BillingPeriod['period'] }) {
  const { from, to, timeZone } = period;
  return (
    <Text
      span
      size="sm"
      className="tw-number"
      title={`from ${exactly(from, timeZone)}, before ${exactly(to, timeZone)} (${timeZone})`}
    >
      {dateAndTime(from, timeZone)} – {dateAndTime(to, timeZone)}
    </Text>
  );
}
