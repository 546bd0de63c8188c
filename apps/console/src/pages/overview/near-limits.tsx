import { Box, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { fullness } from '../../ui/colours';
import { counted, percent } from '../../ui/figures';
import { LimitBar } from '../../ui/limit-bar';
import { AnchorLink } from '../../ui/link';
import { Quantity } from '../../ui/quantity';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { limitWords } from '../../ui/words';
import { fullest, type FullLimit } from './fullest';
import { nearQuery } from './overview-queries';

const NEAR_PERCENT = 80;
const SHOWN = 8;

/** The customers that stand nearest to a limit, or past one, each with its fullest limit. */
export function NearLimits() {
  const near = useQuery(nearQuery(NEAR_PERCENT));
  return (
    <Answered what="customers near a limit" query={near} scope="admin">
      {({ pages, isAll }) => {
        const data = pages.flatMap((page) => page.data);
        const ranked = fullest(data);
        if (ranked.length === 0) {
          return (
            <Empty
              title={isAll ? 'Nobody is near a limit' : 'Of those looked at nobody is near a limit'}
              next={`Customers that have used ${NEAR_PERCENT} % of one stand here, fullest first.`}
            >
              <AnchorLink to="/customers">All customers</AnchorLink>
            </Empty>
          );
        }
        const count = `${counted(data.length, 'customer')}${isAll ? '' : ' or more'}`;
        return (
          <Paper withBorder p="md" component="section" aria-label="Near a limit">
            <Stack gap="xs">
              <Group justify="space-between" gap="xs">
                <Title order={2} size="h5">
                  Near a limit
                </Title>
                <AnchorLink to="/customers" search={{ near: NEAR_PERCENT }} size="sm">
                  {count} at {NEAR_PERCENT} % or more
                </AnchorLink>
              </Group>
              {ranked.slice(0, SHOWN).map((one) => (
                <NearLine key={one.customer} {...one} />
              ))}
            </Stack>
          </Paper>
        );
      }}
    </Answered>
  );
}

function NearLine({ customer, name, limit }: FullLimit) {
  const { used, amount } = limit;
  return (
    <Box>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <AnchorLink to="/customers/$customer" params={{ customer }} size="sm" truncate>
          {name ?? customer}
        </AnchorLink>
        <Text size="sm" className="tw-number" style={{ whiteSpace: 'nowrap' }}>
          <Quantity value={used} /> of <Quantity value={amount} /> · {percent(used, amount)}
        </Text>
      </Group>
      <LimitBar limit={limit} isThin />
      <Text size="xs" className="tw-quiet" truncate>
        {limitWords(limit)}
        {overWords(limit)}
      </Text>
    </Box>
  );
}

function overWords(limit: FullLimit['limit']): string {
  if (fullness(limit) !== 'over') return '';
  if (limit.onLimit === 'allow') return ' · overage';
  return limit.amount === 0 ? ' · used, though it is off' : ' · used up';
}
