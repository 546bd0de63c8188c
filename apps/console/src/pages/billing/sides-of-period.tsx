import type { ReconciledPeriod, ReconciledSide } from '@tallyward/contracts';
import { Button, Code, Group, Modal, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { UNITS, type Unit } from '@tallyward/domain';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fullNumber } from '../../ui/figures';
import { Answered } from '../../ui/states/answered';
import { UNIT_WORDS } from '../../ui/unit-words';
import { differencesQuery } from './billing-queries';
import { Differences } from './differences';
import { Off } from './off';
import { PeriodSpan } from './period-span';
import { Agreement } from './sides';

interface SidesOfPeriodProps {
  readonly period: ReconciledPeriod | null;
  readonly close: () => void;
}

/** One period in full: each unit and proof of each side, and the events that differ. */
export function SidesOfPeriod({ period, close }: SidesOfPeriodProps) {
  return (
    <Modal opened={period !== null} onClose={close} size="xl" title={period?.customer ?? ''}>
      {period && (
        <Stack>
          <Group gap="xs">
            <PeriodSpan period={period.period} />
            <Agreement equal={period.equal} />
          </Group>
          {period.reason && <Text c="red">{period.reason}</Text>}
          <FourSides period={period} />
          <Text size="sm" className="tw-quiet">
            All of them as of offset {period.asOf.offset} of partition {period.asOf.partition}.{' '}
            {billedWords(period)}
          </Text>
          <Named key={`${period.customer} ${period.period.from}`} period={period} />
        </Stack>
      )}
    </Modal>
  );
}

function billedWords({ billed, unbilled, revision }: ReconciledPeriod): string {
  if (billed === null) return 'Nothing was billed yet.';
  const told = `Billed up to revision ${revision ?? 0}`;
  return unbilled ? `${told}; what came since is not billed yet.` : `${told}.`;
}

function FourSides({ period }: { period: ReconciledPeriod }) {
  const { log, totals, warehouse, billed, unbilled } = period;
  const used = UNITS.filter((unit) => log[unit] > 0 || period.drift[unit] > 0);
  const sides = [log, totals, warehouse, billed];
  const compared = (side: ReconciledSide | null): boolean => side !== billed || !unbilled;
  const row = (name: string, of: (side: ReconciledSide) => number) => (
    <Table.Tr key={name}>
      <Table.Th>{name}</Table.Th>
      {sides.map((side, at) => {
        const differs = side !== null && compared(side) && of(side) !== of(log);
        return (
          <Cell key={at} isRed={differs}>
            {side ? fullNumber(of(side)) : '–'}
            {differs && <Off value={of(side)} of={of(log)} />}
          </Cell>
        );
      })}
    </Table.Tr>
  );
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
      <Table fz="sm" miw={560} aria-label="The four sides in full">
        <Table.Thead>
          <Table.Tr>
            <Table.Th />
            {['Log', 'Totals', 'ClickHouse', 'Billed'].map((side) => (
              <Table.Th key={side} ta="right">
                {side}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {row('events', ({ events }) => events)}
          {used.map((unit: Unit) => row(UNIT_WORDS[unit], (side) => side[unit]))}
          <Table.Tr>
            <Table.Th>proof</Table.Th>
            {sides.map((side, at) => (
              <Cell key={at} isRed={side !== null && compared(side) && side.proof !== log.proof}>
                {side ? <Code title={side.proof}>{side.proof.slice(0, 8)}</Code> : '–'}
                {side !== null && compared(side) && side.proof !== log.proof && (
                  <Text size="xs">another one</Text>
                )}
              </Cell>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function Cell({ isRed, children }: { isRed: boolean; children: React.ReactNode }) {
  return (
    <Table.Td ta="right" className="tw-number" c={isRed ? 'red' : undefined}>
      {children}
    </Table.Td>
  );
}

/** Asked for by a person: it reads the customer's part of the log again. */
function Named({ period: { customer, period, differences } }: { period: ReconciledPeriod }) {
  const [asked, setAsked] = useState(false);
  const named = useQuery({
    ...differencesQuery(customer, period.from, period.to),
    enabled: asked,
  });
  if (!asked) {
    return (
      <>
        <Differences customer={customer} differences={differences} />
        <Group>
          <Button variant="default" onClick={() => setAsked(true)}>
            Compare event by event
          </Button>
          <Text size="sm" className="tw-quiet">
            Reads the log again; it may take a while.
          </Text>
        </Group>
      </>
    );
  }
  return (
    <Answered what="the events that differ" query={named} scope="read">
      {({ data, unlisted }) => (
        <>
          <Text size="sm" role="status">
            {data.length === 0
              ? 'Event by event, totals and ClickHouse say what the log says.'
              : `${fullNumber(data.length + unlisted)} differences${unlisted > 0 ? `, ${fullNumber(data.length)} of them listed` : ''}:`}
          </Text>
          <Differences customer={customer} differences={data} />
        </>
      )}
    </Answered>
  );
}
