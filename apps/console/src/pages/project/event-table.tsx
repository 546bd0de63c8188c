import type { CountedEvent } from '@tallyward/contracts';
import { Badge, Table, Text } from '@mantine/core';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { Quantity } from '../../ui/quantity';

interface EventTableProps {
  readonly rows: readonly CountedEvent[];
  /** Of all customers: each row says whose it is. */
  readonly isOfAll: boolean;
}

/** Events with their place in the log and how they were counted, newest first. */
export function EventTable({ rows, isOfAll }: EventTableProps) {
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table fz="sm" aria-label="Events">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            {isOfAll && <Table.Th>Customer</Table.Th>}
            <Table.Th>Event</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th ta="right">Tokens</Table.Th>
            <Table.Th>Place in the log</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((event) => (
            <Table.Tr key={`${event.partition} ${event.offset} ${event.id}`}>
              <Table.Td>
                <Instant at={event.time} />
              </Table.Td>
              {isOfAll && (
                <Table.Td>
                  <AnchorLink
                    to="/project/events"
                    search={{ customer: event.customer }}
                    size="sm"
                    title="Its events alone"
                  >
                    {event.customer}
                  </AnchorLink>
                </Table.Td>
              )}
              <Table.Td>
                <AnchorLink
                  to="/project/events"
                  search={{ customer: event.customer, source: event.source, id: event.id }}
                  size="sm"
                >
                  {event.id}
                </AnchorLink>
                {event.voided && (
                  <Badge ml="xs" color="yellow" variant="light" tt="none">
                    voided
                  </Badge>
                )}
                <Text size="xs" className="tw-quiet">
                  {event.source}
                </Text>
              </Table.Td>
              <Table.Td>
                {event.model}
                <Text size="xs" className="tw-quiet">
                  {event.modelGroup}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Quantity value={event.counted.tokens} />
              </Table.Td>
              <Table.Td className="tw-number">
                {event.partition} : {event.offset}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
