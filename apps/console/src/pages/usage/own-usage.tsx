import { Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { customerQuery, entitlementsQuery } from '../../api/customers';
import { clock } from '../../ui/instants';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { useTimeZone } from '../../ui/time-zone';
import { limitId } from '../../ui/words';
import { Ended, isOver } from './ended';
import { OwnHistory } from './own-history';
import { OwnLimit } from './own-limit';
import { Refusals } from './refusals';
import { ASK_EVERY_MS } from './usage-page-queries';

/** Plan, limits, history and refusals of one customer, in the customer's own words. */
export function OwnUsage({ customer }: { customer: string }) {
  const { timeZone } = useTimeZone();
  const about = useQuery(customerQuery(customer));
  const has = useQuery({ ...entitlementsQuery(customer), refetchInterval: ASK_EVERY_MS });
  if (isOver(has.error)) return <Ended />;
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end">
        <div>
          <Title order={1} size="h2">
            {about.data?.name ?? customer}
          </Title>
          <Text className="tw-quiet">
            {has.data ? `Your plan: ${has.data.tier.name}` : 'Your usage'}
            {has.data?.state === 'disabled' ? ' · switched off' : ''}
          </Text>
        </div>
        {has.data && (
          <Text size="sm" className="tw-quiet tw-number">
            As of {clock(has.data.asOf, timeZone)}
          </Text>
        )}
      </Group>
      <Answered what="your limits" query={has} scope="read">
        {({ limits }) =>
          limits.length === 0 ? (
            <Empty
              title="Nothing is limited"
              next="Your plan sets no limit; what you use is shown below."
            />
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} component="section" aria-label="Limits">
              {limits.map((limit) => (
                <OwnLimit key={`${limitId(limit)} ${limit.scopeValue}`} limit={limit} />
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
      <OwnHistory customer={customer} />
      <Refusals customer={customer} />
    </Stack>
  );
}
