import { Badge, Box, Tooltip } from '@mantine/core';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import type { Feed } from '../api/live';
import { useShownAsOf } from '../ui/as-of';
import { clock, exactly } from '../ui/instants';
import { useTimeZone } from '../ui/time-zone';

const FEED_WORDS = {
  live: 'Changes show within two seconds.',
  polling: 'The live stream is away: asked anew every 10 seconds.',
} as const;

/** When the newest answer on show came; null: none has. */
function useReadAt(): number | null {
  // Drawn again as answers come.
  useIsFetching();
  const shown = useQueryClient().getQueryCache().findAll({ type: 'active' });
  return shown.reduce((at, { state }) => Math.max(at, state.dataUpdatedAt), 0) || null;
}

/** “Data as of”, and how changes reach the page. */
export function AsOfMark({ feed }: { feed: Feed }) {
  const counted = useShownAsOf();
  const read = useReadAt();
  const asOf = counted ?? read;
  const { timeZone } = useTimeZone();
  const meaning = counted
    ? `Every event acknowledged before ${exactly(counted, timeZone)} is counted here. `
    : read
      ? `What is shown was read ${exactly(read, timeZone)}. `
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
