import type { CountedEvent } from '@tallyward/contracts';
import { Alert, Badge, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { UNITS } from '@tallyward/domain';
import { useQuery } from '@tanstack/react-query';
import { type FoldState, hasAll, systemQuery } from '../../api/system';
import { fullNumber } from '../../ui/figures';
import { Instant } from '../../ui/instant';
import { UNIT_WORDS } from '../../ui/unit-words';

/** One event: when, of what, how it was counted, and how far it came. */
export function EventCard({ event }: { event: CountedEvent }) {
  const { customer, source, id, voided, counted } = event;
  const units = UNITS.filter((unit) => counted[unit] > 0);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Group gap="xs">
          <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {id}
          </Title>
          <Text size="sm" className="tw-quiet">
            of {customer}, from {source}
          </Text>
        </Group>
        <Places event={event} />
        {voided && (
          <Alert color="yellow" title="Voided: it counts zero">
            {voided.by}, <Instant at={voided.at} />: “{voided.reason}”, at offset {voided.offset}.
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Facts
            title="What it was"
            facts={[
              ['Happened', <Instant key="time" at={event.time} />],
              ['Taken in', <Instant key="received" at={event.receivedAt} />],
              ['Model', `${event.model} (${event.modelGroup})`],
              ...optional('Workspace', event.workspace),
              ...optional('User', event.user),
              ...optional('Role', event.role),
              ...Object.entries(event.tags).map(([tag, value]) => [`Tag ${tag}`, value] as const),
            ]}
          />
          <Facts
            title="How it was counted"
            facts={units.map((unit) => [UNIT_WORDS[unit], fullNumber(counted[unit])] as const)}
          />
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}

const optional = (name: string, value: string): (readonly [string, string])[] =>
  value === '' ? [] : [[name, value]];

type Fact = readonly [string, React.ReactNode];

function Facts({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <Table fz="sm" aria-label={title} verticalSpacing={4}>
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="40%" fw={400} className="tw-quiet">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Found means that the warehouse has it; the totals have it once they are not behind. */
function Places({ event: { partition, offset } }: { event: CountedEvent }) {
  const system = useQuery(systemQuery);
  const totals = system.data?.folds.find(({ name }) => name === 'totals');
  return (
    <Group gap="xs">
      <Badge variant="light" tt="none" size="lg">
        Log: partition {partition}, offset {offset}
      </Badge>
      <Badge color="teal" variant="dot" tt="none" size="lg">
        ClickHouse: counted
      </Badge>
      {totals && (
        <Badge color={hasAll(totals) ? 'teal' : 'yellow'} variant="light" tt="none" size="lg">
          {totalsWords(totals)}
        </Badge>
      )}
    </Group>
  );
}

function totalsWords(totals: FoldState): string {
  if (hasAll(totals)) return 'Totals: counted';
  const many = totals.behind === null ? '' : `${fullNumber(totals.behind)} entries `;
  return `Totals: ${many}behind, it may be among them`;
}
