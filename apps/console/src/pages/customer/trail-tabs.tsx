import { Box, Button, Group, Stack, Text } from '@mantine/core';
import type { EventsOf } from '@tallyward/contracts';
import { getRouteApi } from '@tanstack/react-router';
import { Instant } from '../../ui/instant';
import { AuditList } from '../project/audit-list';
import { Trail } from '../project/trail';
import { eventsOfSearch } from './events-search';

const route = getRouteApi('/signed/customers/$customer');
const eventsRoute = getRouteApi('/signed/customers/$customer/events');

/** The customer's events, each with its place in the log and what it counted. */
export function CustomerEventsTab() {
  const { customer } = route.useParams();
  const { useSearch, useNavigate } = eventsRoute;
  // The address holds more than filters: the time zone too.
  const of = eventsOfSearch({ ...useSearch() });
  const navigate = useNavigate();
  const isPart = Object.keys(of).length > 0;
  return (
    <Stack mt="md">
      {isPart && (
        <Group gap="xs">
          <Text size="sm">
            Only <EventsOfWords of={of} />.
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => void navigate({ search: ({ tz }) => ({ tz }) })}
          >
            Show all
          </Button>
        </Group>
      )}
      <Trail customer={customer} of={isPart ? of : undefined} />
    </Stack>
  );
}

function EventsOfWords({ of }: { of: EventsOf }) {
  const { modelGroup, workspace, user, role, from, to } = of;
  const named = { 'model group': modelGroup, workspace, user, role };
  const words = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return (
    <>
      {words.length > 0 ? words.join(', ') : 'events'}
      {from && (
        <>
          {' '}
          from <Instant at={from} />
        </>
      )}
      {to && (
        <>
          {' '}
          to <Instant at={to} />
        </>
      )}
    </>
  );
}

/** What was changed of the customer: before and after, who, why. */
export function CustomerAuditTab() {
  const { customer } = route.useParams();
  return (
    <Box mt="md">
      <AuditList
        wanted={{ customer }}
        next="Changes of its tier, its limits and its settings stand here."
      />
    </Box>
  );
}
