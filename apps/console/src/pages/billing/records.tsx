import type { BillingRecord } from '@tallyward/contracts';
import { Badge, ScrollArea, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { fullNumber } from '../../ui/figures';
import { Paged } from '../../ui/paged';
import { Quantity } from '../../ui/quantity';
import { Empty } from '../../ui/states/empty';
import { UNIT_WORDS } from '../../ui/unit-words';
import { recordsQuery } from './billing-queries';
import { PeriodSpan } from './period-span';

/** The lines that went to billing systems, and what later revisions changed. */
export function Records({ customer }: { customer: string | undefined }) {
  const records = useInfiniteQuery(recordsQuery(customer));
  return (
    <Paged
      what="records"
      query={records}
      scope="read"
      empty={
        <Empty
          title="No billing record yet"
          next="Records go out when a period closes, as often as the settings say, and stand here line by line."
        />
      }
    >
      {(rows) => (
        <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
          <Table miw={980} fz="sm" aria-label="Billing records">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Customer</Table.Th>
                <Table.Th>Period</Table.Th>
                <Table.Th>Tier</Table.Th>
                <Table.Th>Model</Table.Th>
                <Table.Th>Unit</Table.Th>
                <Table.Th ta="right">Quantity</Table.Th>
                <Table.Th ta="right">Included</Table.Th>
                <Table.Th ta="right">Overage</Table.Th>
                <Table.Th ta="right">Delta</Table.Th>
                <Table.Th ta="right">Events</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Line key={one.recordId} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Paged>
  );
}

function Line({ one }: { one: BillingRecord }) {
  return (
    <Table.Tr title={`Record ${one.recordId}, proof ${one.proof}`}>
      <Table.Td>{one.customer}</Table.Td>
      <Table.Td>
        <PeriodSpan period={one.period} />
        {one.revision > 0 && (
          <Badge ml="xs" color="yellow" variant="light" tt="none">
            revision {one.revision}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        {one.tier.name} v{one.tier.version}
      </Table.Td>
      <Table.Td>
        {one.model}
        <Text size="xs" className="tw-quiet">
          {one.modelGroup}
        </Text>
      </Table.Td>
      <Table.Td>{UNIT_WORDS[one.unit]}</Table.Td>
      <Amount value={one.quantity} />
      <Amount value={one.included} />
      <Amount value={one.overage} />
      <Table.Td ta="right" className="tw-number" title={fullNumber(one.delta)}>
        {one.delta > 0 ? '+' : ''}
        {fullNumber(one.delta)}
      </Table.Td>
      <Amount value={one.events} />
    </Table.Tr>
  );
}

function Amount({ value }: { value: number }) {
  return (
    <Table.Td ta="right">
      <Quantity value={value} />
    </Table.Td>
  );
}
