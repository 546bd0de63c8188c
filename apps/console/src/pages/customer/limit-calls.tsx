import { Badge, Group, Paper, Table, Text, Title } from '@mantine/core';
import type { CountedEvent, DecisionRecorded, LimitState } from '@tallyward/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call, path } from '../../api/call';
import type { Page } from '../../api/every-page';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { Quantity } from '../../ui/quantity';
import { Answered } from '../../ui/states/answered';
import { limitWords } from '../../ui/words';
import { decisionWords, eventsOf } from './calls-of';

const LATEST = 8;
/** Decisions that are looked through for those of the latest calls: the most of one page. */
const DECISIONS = 200;
/** A decision is told by its gateway's clock, a call by that of who granted the lease. */
const CLOCKS_APART_MS = 60_000;

interface Calls {
  readonly events: readonly CountedEvent[];
  /** All but plain allows, since the oldest of the events. */
  readonly decisions: readonly DecisionRecorded[];
  /** Whether there were more decisions than were looked through. */
  readonly isCut: boolean;
}

const callsQuery = (customer: string, limit: LimitState) => {
  const wanted = eventsOf(limit);
  return queryOptions({
    queryKey: ['customers', customer, 'calls', wanted],
    queryFn: async ({ signal }): Promise<Calls> => {
      const at = (what: string): string => `${path`/v1/customers/${customer}`}/${what}`;
      const query = { ...wanted, limit: LATEST };
      const { data } = await call<Page<CountedEvent>>(at('events'), { query, signal });
      const oldest = data.at(-1);
      if (!oldest) return { events: [], decisions: [], isCut: false };
      const from = new Date(Date.parse(oldest.time) - CLOCKS_APART_MS).toISOString();
      const decided = await call<Page<DecisionRecorded>>(at('decisions'), {
        query: { from, limit: DECISIONS },
        signal,
      });
      return { events: data, decisions: decided.data, isCut: decided.nextCursor !== null };
    },
    meta: { changesWith: ['usage', 'decisions'] },
  });
};

/** The latest calls that a limit counts in its present window, and what was decided of each. */
export function LimitCalls({ customer, limit }: { customer: string; limit: LimitState }) {
  const found = useQuery(callsQuery(customer, limit));
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Latest calls: {limitWords(limit)}
        </Title>
        <AnchorLink
          to="/customers/$customer/events"
          params={{ customer }}
          search={(now) => ({ ...now, ...eventsOf(limit) })}
          size="sm"
        >
          All of them, as events
        </AnchorLink>
      </Group>
      <Answered what="the latest calls" query={found} scope="read">
        {(calls) =>
          calls.events.length === 0 ? (
            <Text size="sm" className="tw-quiet">
              No call in the present window. A call stands here within seconds of being settled.
            </Text>
          ) : (
            <CallTable calls={calls} />
          )
        }
      </Answered>
    </Paper>
  );
}

function CallTable({ calls }: { calls: Calls }) {
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table fz="sm" aria-label="Latest calls">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th>Model group</Table.Th>
            <Table.Th ta="right">Tokens</Table.Th>
            <Table.Th>Decision</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.events.map((event) => (
            <Table.Tr key={`${event.partition} ${event.offset}`}>
              <Table.Td>
                <AnchorLink
                  to="/project/events"
                  search={{ customer: event.customer, source: event.source, id: event.id }}
                  size="sm"
                >
                  <Instant at={event.time} />
                </AnchorLink>
              </Table.Td>
              <Table.Td>{event.model}</Table.Td>
              <Table.Td>{event.modelGroup}</Table.Td>
              <Table.Td ta="right">
                <Quantity value={event.counted.tokens} of="tokens" />
              </Table.Td>
              <Table.Td>
                {decidedWords(event, calls)}
                {event.voided && (
                  <Badge ml="xs" color="yellow" variant="light" tt="none">
                    voided
                  </Badge>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Of a call older than all decisions that were looked through nothing more is said. */
function decidedWords(event: CountedEvent, { decisions, isCut }: Calls): string {
  const oldest = decisions.at(-1)?.decidedAt;
  const isBefore = isCut && oldest !== undefined && event.time <= oldest;
  return isBefore ? 'See its decisions' : decisionWords(event, decisions);
}
