import { Badge, Group, Paper, Table, Text, Title } from '@mantine/core';
import type { TierReference } from '@tallyward/contracts';
import type { ListedVersion } from '../../api/tiers';
import { counted } from '../../ui/figures';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { VersionState } from './version-state';

interface VersionTableProps {
  readonly versions: readonly ListedVersion[];
  readonly standard: TierReference | undefined;
}

/** Every tier with its versions, the newest first. */
export function VersionTable({ versions, standard }: VersionTableProps) {
  const names = [...new Set(versions.map(({ name }) => name))];
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb="sm">
        Tiers and their versions
      </Title>
      <Table.ScrollContainer minWidth={520}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Tier</Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Customers now</Table.Th>
              <Table.Th>Made</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {names.flatMap((name) =>
              versions
                .filter((version) => version.name === name)
                .sort((one, other) => other.version - one.version)
                .map((version, at) => (
                  <VersionRow
                    key={`${name}@${version.version}`}
                    version={version}
                    isFirst={at === 0}
                    isStandard={standard?.name === name && standard.version === version.version}
                  />
                )),
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

interface VersionRowProps {
  readonly version: ListedVersion;
  readonly isFirst: boolean;
  readonly isStandard: boolean;
}

function VersionRow({ version, isFirst, isStandard }: VersionRowProps) {
  const { name, version: number, customers, createdAt } = version;
  return (
    <Table.Tr>
      <Table.Td>{isFirst && <Text fw={600}>{name}</Text>}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <AnchorLink
            to="/tiers/$name/versions/$version"
            params={{ name, version: number }}
            aria-label={`${name} v${number}`}
          >
            v{number}
          </AnchorLink>
          {isStandard && (
            <Badge variant="light" tt="none">
              new customers
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <VersionState state={version.state} />
      </Table.Td>
      <Table.Td>
        {customers ? (
          <AnchorLink to="/customers" search={{ tier: name, version: number }}>
            {counted(customers, 'customer')}
          </AnchorLink>
        ) : (
          <span className="tw-quiet">{customers === 0 ? 'none' : '–'}</span>
        )}
      </Table.Td>
      <Table.Td>
        <Instant at={createdAt} />
      </Table.Td>
    </Table.Tr>
  );
}
