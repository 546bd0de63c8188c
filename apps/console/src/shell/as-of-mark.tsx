import { Badge, Box, Tooltip } from '@mantine/core';
import type { Feed } from '../api/live';
import { useShownAsOf } from '../ui/as-of';
import { clock, exactly } from '../ui/instants';
import { useTimeZone } from '../ui/time-zone';

const FEED_WORDS = {
  live: 'Changes show within two seconds.',
  polling: 'The live stream is away: asked anew every 10 seconds.',
} as const;

/** “Data as of”, and how changes reach the page. */
export function AsOfMark({ feed }: { feed: Feed }) {
  const asOf = useShownAsOf();
  const { timeZone } = useTimeZone();
  const meaning = asOf
    ? `Every event acknowledged before ${exactly(asOf, timeZone)} is counted here. `
    : '';
  return (
    <Tooltip label={meaning + FEED_WORDS[feed]} multiline maw={320}>
      <Badge
        variant="dot"
        color={feed === 'live' ? 'teal' : 'yellow'}
        tt="none"
        tabIndex={0}
        style={{ flexShrink: 0 }}
        className="tw-number"
      >
        {asOf && (
          <Box component="span" visibleFrom="sm">
            Data as of{' '}
          </Box>
        )}
        {asOf ? clock(asOf, timeZone) : feed === 'live' ? 'Live' : 'Every 10 s'}
      </Badge>
    </Tooltip>
  );
}
