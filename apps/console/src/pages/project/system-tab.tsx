import type { QuarantinedEntry } from '@tallyward/contracts';
import { Badge, Code, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ServiceState, systemQuery } from '../../api/system';
import { Instant } from '../../ui/instant';
import { Paged } from '../../ui/paged';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { Pipeline } from '../overview/pipeline';
import { quarantineQuery } from './project-calls';

/** Whether it runs: the pipeline, each service, and what could not be counted. */
export function SystemTab() {
  const system = useQuery(systemQuery);
  const quarantine = useInfiniteQuery(quarantineQuery);
  return (
    <Stack>
      <Answered what="the system’s state" query={system} scope="read">
        {(state) => (
          <Stack>
            <Pipeline system={state} />
            <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
              {state.services.map((service) => (
                <Service key={service.name} service={service} />
              ))}
            </SimpleGrid>
          </Stack>
        )}
      </Answered>
      <Title order={2} size="h5">
        Quarantine
      </Title>
      <Paged
        what="entries"
        query={quarantine}
        scope="read"
        empty={
          <Empty
            title="Nothing in quarantine"
            next="What can not be counted is set aside here with its place in the log and the reason; nothing is dropped in silence."
          />
        }
      >
        {(rows) => <Quarantined rows={rows} />}
      </Paged>
    </Stack>
  );
}

const STATE_COLOUR = { up: 'teal', degraded: 'yellow', down: 'red' } as const;

function Service({ service: { name, state, detail } }: { service: ServiceState }) {
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text fw={600} size="sm">
          {name}
        </Text>
        <Badge color={STATE_COLOUR[state]} variant={state === 'up' ? 'dot' : 'filled'} tt="none">
          {state}
        </Badge>
      </Group>
      {detail && (
        <Text size="xs" className="tw-quiet">
          {detail}
        </Text>
      )}
    </Paper>
  );
}

function Quarantined({ rows }: { rows: readonly QuarantinedEntry[] }) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table fz="sm" aria-label="Quarantine">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th>Place in the log</Table.Th>
            <Table.Th>What it says</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((entry) => (
            <Table.Tr key={`${entry.topic} ${entry.partition} ${entry.offset}`}>
              <Table.Td>
                <Instant at={entry.at} />
              </Table.Td>
              <Table.Td>
                <Badge color="red" variant="light" tt="none">
                  {entry.reason}
                </Badge>
                <Text size="xs">{entry.detail}</Text>
              </Table.Td>
              <Table.Td className="tw-number" title={entry.topic}>
                {entry.partition} : {entry.offset}
              </Table.Td>
              <Table.Td maw={420}>
                <Code block mah={80} style={{ overflow: 'auto' }} tabIndex={0}>
                  {entry.content}
                </Code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
