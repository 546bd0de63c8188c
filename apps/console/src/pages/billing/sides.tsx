import type { ReconciledPeriod } from '@tallyward/contracts';
import { Badge, Button, Group, ScrollArea, Table, Text, VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { clock } from '../../ui/instants';
import { Paged } from '../../ui/paged';
import { Quantity } from '../../ui/quantity';
import { Empty } from '../../ui/states/empty';
import { useTimeZone } from '../../ui/time-zone';
import { sidesQuery } from './billing-queries';
import { PeriodSpan } from './period-span';
import { Off } from './off';
import { SidesOfPeriod } from './sides-of-period';

export type ShownUnit = 'tokens' | 'calls';

/** Log, totals, ClickHouse and what was billed, of each customer and period. */
export function Sides({ customer, unit }: { customer: string | undefined; unit: ShownUnit }) {
  const sides = useInfiniteQuery(sidesQuery(customer));
  const [opened, setOpened] = useState<ReconciledPeriod | null>(null);
  return (
    <>
      <Group justify="space-between" gap="xs" mb="xs">
        <Compared at={sides.dataUpdatedAt} />
        <Button
          size="compact-sm"
          variant="default"
          loading={sides.isFetching}
          onClick={() => void sides.refetch()}
        >
          Compare again
        </Button>
      </Group>
      <Paged
        what="periods"
        query={sides}
        scope="read"
        empty={
          <Empty
            title={customer ? `No usage of ${customer} in 35 days` : 'No usage in 35 days'}
            next="Periods stand here, with what each side says of them, once usage was recorded."
          />
        }
      >
        {(periods) => (
          <ScrollArea type="auto">
            <Table miw={860} fz="sm" verticalSpacing={6} aria-label="The four sides">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Customer</Table.Th>
                  <Table.Th>Period</Table.Th>
                  <Table.Th>State</Table.Th>
                  {['Log', 'Totals', 'ClickHouse', 'Billed'].map((side) => (
                    <Table.Th key={side} ta="right">
                      {side}
                    </Table.Th>
                  ))}
                  <Table.Th>Sides</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {periods.map((one) => (
                  <Line
                    key={`${one.customer} ${one.period.from}`}
                    one={one}
                    unit={unit}
                    open={() => setOpened(one)}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </ScrollArea>
        )}
      </Paged>
      <SidesOfPeriod period={opened} close={() => setOpened(null)} />
    </>
  );
}

/** The sides are not compared at every change: this says when they were. */
function Compared({ at }: { at: number }) {
  const { timeZone } = useTimeZone();
  return (
    <Text size="sm" className="tw-quiet">
      {at === 0 ? 'Not compared yet.' : `Compared at ${clock(at, timeZone)}.`} A side that is not
      what the log says is marked with how far it is off.
    </Text>
  );
}

interface LineProps {
  readonly one: ReconciledPeriod;
  readonly unit: ShownUnit;
  readonly open: () => void;
}

function Line({ one, unit, open }: LineProps) {
  const { log, totals, warehouse, billed, unbilled, equal } = one;
  return (
    <Table.Tr bg={equal ? undefined : 'var(--mantine-color-red-light)'}>
      <Table.Td>{one.customer}</Table.Td>
      <Table.Td>
        <PeriodSpan period={one.period} />
      </Table.Td>
      <Table.Td>{STATE_WORDS[one.state]}</Table.Td>
      <Side value={log[unit]} of={log[unit]} />
      <Side value={totals[unit]} of={log[unit]} />
      <Side value={warehouse[unit]} of={log[unit]} />
      <Side value={billed?.[unit]} of={unbilled ? undefined : log[unit]} />
      <Table.Td>
        <Agreement equal={equal} />
      </Table.Td>
      <Table.Td ta="right">
        <Button size="compact-xs" variant="default" onClick={open}>
          Details<VisuallyHidden> of {one.customer}</VisuallyHidden>
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

const STATE_WORDS = { open: 'open', closed: 'closed', 'held-back': 'held back' } as const;

export function Agreement({ equal }: { equal: boolean }) {
  return (
    <Badge color={equal ? 'teal' : 'red'} variant={equal ? 'dot' : 'filled'} tt="none">
      {equal ? 'equal' : 'differ'}
    </Badge>
  );
}

/** Red where it is compared and is not what the log says. */
function Side({ value, of }: { value: number | undefined; of: number | undefined }) {
  const differs = value !== undefined && of !== undefined && value !== of;
  return (
    <Table.Td ta="right">
      <Text span size="sm" c={differs ? 'red' : undefined} fw={differs ? 700 : undefined}>
        {value === undefined ? (
          <span title="Nothing was billed yet">–</span>
        ) : (
          <Quantity value={value} />
        )}
      </Text>
      {differs && <Off value={value} of={of} />}
    </Table.Td>
  );
}
