import { Badge, Group, Paper, Select, Table, Text, Title } from '@mantine/core';
import type { TierLimit } from '@tallyward/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { tierDiffQuery, type ListedVersion, type TierDifference } from '../../api/tiers';
import { fullNumber } from '../../ui/figures';
import { Answered } from '../../ui/states/answered';
import { limitId, limitWords, onLimitWords, replenishmentWords } from '../../ui/words';

const route = getRouteApi('/signed/tiers/$name/versions/$version');

interface VersionDiffProps {
  readonly name: string;
  readonly version: number;
  readonly versions: readonly ListedVersion[];
}

/** What this version changes against another of the same tier; the other stands in the address. */
export function VersionDiff({ name, version, versions }: VersionDiffProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const others = versions.map((other) => other.version).filter((other) => other !== version);
  const before = others.filter((other) => other < version).at(-1) ?? others[0];
  const other = others.includes(search.with ?? 0) ? search.with : before;
  if (other === undefined) return null;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          What changes
        </Title>
        <Select
          size="xs"
          aria-label="Compared with"
          data={others.map((value) => ({
            value: String(value),
            label: `against version ${value}`,
          }))}
          value={String(other)}
          allowDeselect={false}
          onChange={(value) =>
            void navigate({ search: (now) => ({ ...now, with: Number(value) }), replace: true })
          }
          w={180}
        />
      </Group>
      <Difference name={name} before={other} after={version} />
    </Paper>
  );
}

/** From one version to another of the same tier. */
export function Difference(props: { name: string; before: number; after: number }) {
  const diff = useQuery(tierDiffQuery(props.name, props.before, props.after));
  return (
    <Answered what="the difference" query={diff}>
      {(data) => <DifferenceTable difference={data} />}
    </Answered>
  );
}

export function DifferenceTable({
  difference,
}: {
  difference: Pick<TierDifference, 'added' | 'removed' | 'changed'>;
}) {
  const { added, removed, changed } = difference;
  if (added.length + removed.length + changed.length === 0) {
    return <Text className="tw-quiet">Nothing: they give the same.</Text>;
  }
  return (
    <Table.ScrollContainer minWidth={460}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Limit</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changed.map(({ before, after }) => (
            <Row key={limitId(after)} word="changed" before={before} after={after} />
          ))}
          {added.map((after) => (
            <Row key={limitId(after)} word="added" before={null} after={after} />
          ))}
          {removed.map((before) => (
            <Row key={limitId(before)} word="removed" before={before} after={null} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const COLOURS = { changed: 'indigo', added: 'teal', removed: 'red' } as const;

interface RowProps {
  readonly word: keyof typeof COLOURS;
  readonly before: TierLimit | null;
  readonly after: TierLimit | null;
}

function Row({ word, before, after }: RowProps) {
  const limit = after ?? before;
  return (
    <Table.Tr>
      <Table.Td>
        <Badge size="sm" variant="light" color={COLOURS[word]} tt="none" mr="xs">
          {word}
        </Badge>
        {limit && limitWords(limit)}
      </Table.Td>
      <Table.Td>{before ? <Rule limit={before} /> : 'unlimited'}</Table.Td>
      <Table.Td>{after ? <Rule limit={after} /> : 'unlimited'}</Table.Td>
    </Table.Tr>
  );
}

function Rule({ limit }: { limit: TierLimit }) {
  const refill = limit.replenishment.kind === 'reset' ? '' : ` · ${replenishmentWords(limit)}`;
  return (
    <>
      <b className="tw-number">{fullNumber(limit.amount)}</b> · {onLimitWords(limit)}
      {refill}
      {limit.message && <div className="tw-quiet">“{limit.message}”</div>}
    </>
  );
}
