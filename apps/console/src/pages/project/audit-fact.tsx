import type { AuditFact } from '@tallyward/contracts';
import { Badge, Box, Group, Table, Text } from '@mantine/core';
import { Instant } from '../../ui/instant';
import { changesOf, shown } from './changes-of';

/** One change: who, when, why, and each field before and after. */
export function AuditFactLine({ fact }: { fact: AuditFact }) {
  const { type, at, actor, subject, reason } = fact;
  const changes = changesOf(fact.before, fact.after);
  return (
    <Box component="li" py="sm" style={{ borderBottom: '1px solid var(--tw-grid)' }}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Badge variant="light" tt="none">
            {typeWords(type)}
          </Badge>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {subject}
          </Text>
        </Group>
        <Text size="sm" className="tw-quiet">
          {actor} · <Instant at={at} />
        </Text>
      </Group>
      {reason && (
        <Text size="sm" mt={4}>
          “{reason}”
        </Text>
      )}
      {changes.length > 0 && (
        <Table.ScrollContainer minWidth={420} mt={4} type="native" tabIndex={0}>
          <Table fz="xs" verticalSpacing={2} aria-label={`What ${typeWords(type)} changed`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w="24%">What</Table.Th>
                <Table.Th w="38%">Before</Table.Th>
                <Table.Th w="38%">After</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {changes.map(({ what, before, after }) => (
                <Table.Tr key={what}>
                  <Table.Td>{what}</Table.Td>
                  <Cell value={before} />
                  <Cell value={after} />
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Box>
  );
}

function Cell({ value }: { value: unknown }) {
  return (
    <Table.Td style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{shown(value)}</Table.Td>
  );
}

/** `tier.assigned` → `tier assigned`; `defaultTier.changed` → `default tier changed`. */
function typeWords(type: string): string {
  return type
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('.', ' ')
    .toLowerCase();
}
