import type { NamedDifferences } from '@tallyward/contracts';
import { Badge, ScrollArea, Table, Text } from '@mantine/core';
import { AnchorLink } from '../../ui/link';

type Difference = NamedDifferences['data'][number];

const KIND_WORDS = {
  missing: 'missing',
  doubled: 'doubled',
  changed: 'changed',
  row: 'row differs',
} as const;
const SIDE_WORDS = { totals: 'Totals', warehouse: 'ClickHouse' } as const;

interface DifferencesProps {
  readonly customer: string;
  readonly differences: readonly Difference[];
}

/** What a side says otherwise than the log, by event where one can be named. */
export function Differences({ customer, differences }: DifferencesProps) {
  if (differences.length === 0) return null;
  return (
    <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0 }}>
      <Table fz="sm" aria-label={`Differences of ${customer}`} miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Side</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Event</Table.Th>
            <Table.Th>Place in the log</Table.Th>
            <Table.Th>Detail</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.map((one, at) => (
            <Table.Tr key={at}>
              <Table.Td>{SIDE_WORDS[one.side]}</Table.Td>
              <Table.Td>
                <Badge color="red" variant="filled" tt="none">
                  {KIND_WORDS[one.kind]}
                </Badge>
              </Table.Td>
              <Table.Td>
                <Named customer={customer} difference={one} />
              </Table.Td>
              <Table.Td className="tw-number">{placeOf(one)}</Table.Td>
              <Table.Td>{one.detail}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}

function Named({ customer, difference }: { customer: string; difference: Difference }) {
  const { eventId, source, row } = difference;
  if (eventId === undefined) return <Text size="sm">{row ?? '–'}</Text>;
  if (source === undefined) return <Text size="sm">{eventId}</Text>;
  return (
    <AnchorLink to="/project/events" search={{ customer, source, id: eventId }} size="sm">
      {eventId}
    </AnchorLink>
  );
}

function placeOf({ partition, offset }: Difference): string {
  return partition === undefined || offset === undefined ? '–' : `${partition} : ${offset}`;
}
