import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Instant } from '../../ui/instant';
import { useMay } from '../../ui/session';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { KeyChange, type KeyChangeAsked } from './key-change';
import { NewKey } from './new-key';
import { type ApiKey, keysQuery, type ShownOnce } from './project-calls';
import { ShownKey } from './shown-key';

/** Who may call the API: keys by name, made and rotated here, each secret shown once. */
export function KeysTab() {
  const keys = useQuery(keysQuery);
  const mayMake = useMay('admin');
  const [isMaking, setMaking] = useState(false);
  const [change, setChange] = useState<KeyChangeAsked | null>(null);
  const [made, setMade] = useState<ShownOnce | null>(null);
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" className="tw-quiet" maw={640}>
          A key’s name is the actor of what it changes in the audit trail. Its secret is shown once.
          When it was used last is told once a minute.
        </Text>
        {mayMake && <Button onClick={() => setMaking(true)}>New key</Button>}
      </Group>
      <Answered what="API keys" query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No API key" next="Make one for the app that sends usage." />
          ) : (
            <KeyTable rows={rows} ask={setChange} />
          )
        }
      </Answered>
      <NewKey opened={isMaking} close={() => setMaking(false)} made={setMade} />
      <KeyChange asked={change} close={() => setChange(null)} made={setMade} />
      <ShownKey made={made} close={() => setMade(null)} />
    </Stack>
  );
}

interface KeyTableProps {
  readonly rows: readonly ApiKey[];
  readonly ask: (asked: KeyChangeAsked) => void;
}

function KeyTable({ rows, ask }: KeyTableProps) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table fz="sm" aria-label="API keys">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>May</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th title="By a call, a session or a customer’s token of it">Last used</Table.Th>
            <Table.Th>Ends</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td>
                {key.name}
                <Text size="xs" className="tw-quiet">
                  tw_{key.id}_…
                </Text>
              </Table.Td>
              <Table.Td>
                <Group gap={4}>
                  {key.scopes.map((scope) => (
                    <Badge key={scope} variant="light" tt="none">
                      {scope}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>
                <Instant at={key.createdAt} />
              </Table.Td>
              <Table.Td>{key.lastUsedAt ? <Instant at={key.lastUsedAt} /> : 'not yet'}</Table.Td>
              <Table.Td>{key.expiresAt ? <Instant at={key.expiresAt} /> : 'never'}</Table.Td>
              <Table.Td>
                <Group gap="xs" justify="flex-end" wrap="nowrap">
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => ask({ key, what: 'rotate' })}
                  >
                    Rotate
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="light"
                    color="red"
                    onClick={() => ask({ key, what: 'delete' })}
                  >
                    Delete
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
