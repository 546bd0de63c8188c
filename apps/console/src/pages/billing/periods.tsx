import type { BillingPeriod } from '@tallyward/contracts';
import { Badge, Code, ScrollArea, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Instant } from '../../ui/instant';
import { Paged } from '../../ui/paged';
import { Quantity } from '../../ui/quantity';
import { Empty } from '../../ui/states/empty';
import { periodsQuery } from './billing-queries';
import { PeriodSpan } from './period-span';

/** Each customer's closed periods, and those that are held back. */
export function Periods({ customer }: { customer: string | undefined }) {
  const periods = useInfiniteQuery(periodsQuery(customer));
  return (
    <Paged
      what="periods"
      query={periods}
      scope="read"
      empty={
        <Empty
          title="No period was closed yet"
          next="A period closes after its end and the time that the settings leave for late usage."
        />
      }
    >
      {(rows) => (
        <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
          <Table miw={760} fz="sm" aria-label="Billing periods">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Customer</Table.Th>
                <Table.Th>Period</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th ta="right">Revision</Table.Th>
                <Table.Th ta="right">Events</Table.Th>
                <Table.Th>Closed</Table.Th>
                <Table.Th>Proof</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Line key={`${one.customer} ${one.period.from}`} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Paged>
  );
}

function Line({ one }: { one: BillingPeriod }) {
  const isHeld = one.state === 'held-back';
  return (
    <Table.Tr bg={isHeld ? 'var(--mantine-color-red-light)' : undefined}>
      <Table.Td>{one.customer}</Table.Td>
      <Table.Td>
        <PeriodSpan period={one.period} />
      </Table.Td>
      <Table.Td>
        <Badge color={isHeld ? 'red' : 'teal'} variant={isHeld ? 'filled' : 'dot'} tt="none">
          {isHeld ? 'held back' : 'closed'}
        </Badge>
        {one.reason && (
          <Text size="xs" c="red">
            {one.reason}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{one.revision ?? '–'}</Table.Td>
      <Table.Td ta="right">
        <Quantity value={one.events} />
      </Table.Td>
      <Table.Td>{one.closedAt ? <Instant at={one.closedAt} /> : '–'}</Table.Td>
      <Table.Td>
        {one.proof ? <Code title={one.proof}>{one.proof.slice(0, 8)}</Code> : '–'}
      </Table.Td>
    </Table.Tr>
  );
}
