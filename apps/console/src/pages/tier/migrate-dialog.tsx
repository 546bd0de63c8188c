import { SegmentedControl, Select, Stack, Switch, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { MigrationAnswer, TierReference } from '@tallyward/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { migrateTier, tiersQuery, type MigrationAsked } from '../../api/tiers';
import { Confirm } from '../../ui/confirm';
import { counted, fullNumber } from '../../ui/figures';
import { Failed } from '../../ui/states/failed';
import { Loading } from '../../ui/states/loading';
import { limitWords } from '../../ui/words';

const MOST_SHOWN = 20;
/** Requests of 1,000 customers each that one click sends. */
const MOST_REQUESTS = 200;

type Terms = Omit<MigrationAsked, 'dryRun' | 'reason' | 'to'>;

/** Dry run first: shows who would be over which limit, before the button. */
export function MigrateDialog({ from, close }: { from: TierReference; close: () => void }) {
  const [to, setTo] = useState<TierReference | null>(null);
  const [terms, setTerms] = useState<Terms>({ effective: 'now', carryUsage: true });
  const tiers = useQuery(tiersQuery);
  const client = useQueryClient();
  const dry = useQuery({
    queryKey: ['tiers', 'migration', from, to, terms],
    queryFn: () =>
      migrateTier(from, { ...terms, to: to as TierReference, dryRun: true, reason: null }),
    enabled: to !== null,
    staleTime: 0,
  });
  const moving = useMutation({
    mutationFn: (reason: string | null) =>
      moveAll(from, { ...terms, to: to as TierReference, dryRun: false, reason }),
    onSuccess: async (moved) => {
      await client.invalidateQueries();
      notifications.show({ message: `${counted(moved, 'customer')} moved` });
      close();
    },
  });
  const targets = (tiers.data ?? [])
    .filter(({ name, version }) => name !== from.name || version !== from.version)
    .map(({ name, version }) => ({
      value: JSON.stringify({ name, version }),
      label: `${name}, version ${version}`,
    }));
  const total = dry.data ? dry.data.customers + dry.data.remaining : 0;
  return (
    <Confirm
      title={`Migrate the customers of ${from.name}, version ${from.version}`}
      opened
      close={close}
      action={to && dry.data ? `Move ${counted(total, 'customer')}` : 'Move'}
      isReady={to !== null && dry.data !== undefined && total > 0}
      consequence={consequenceOf(to, dry.data, terms, total)}
      isBusy={moving.isPending}
      error={moving.error}
      confirm={(reason) => moving.mutate(reason)}
    >
      <Stack>
        <Select
          label="To"
          placeholder="Which tier and version"
          searchable
          data={targets}
          value={to && JSON.stringify({ name: to.name, version: to.version })}
          onChange={(value) => setTo(value ? (JSON.parse(value) as TierReference) : null)}
        />
        <TermsFields terms={terms} change={setTerms} />
        {to && dry.isPending && <Loading what="the dry run" rows={1} />}
        {dry.error && <Failed error={dry.error} retry={() => void dry.refetch()} />}
        {dry.data && <WhoIsOver answer={dry.data} />}
      </Stack>
    </Confirm>
  );
}

interface TermsFieldsProps {
  readonly terms: Terms;
  readonly change: (terms: Terms) => void;
}

/** When a change of tier holds from, and whether what was used counts on. */
export function TermsFields({ terms, change }: TermsFieldsProps) {
  return (
    <>
      <SegmentedControl
        aria-label="From when"
        data={[
          { value: 'now', label: 'Now' },
          { value: 'nextWindow', label: 'With the next window' },
        ]}
        value={terms.effective}
        onChange={(effective) => change({ ...terms, effective: effective as Terms['effective'] })}
      />
      <Switch
        label="What was used in the present windows counts on"
        checked={terms.carryUsage}
        onChange={({ currentTarget }) => change({ ...terms, carryUsage: currentTarget.checked })}
      />
    </>
  );
}

function consequenceOf(
  to: TierReference | null,
  answer: MigrationAnswer | undefined,
  terms: Terms,
  total: number,
): string {
  if (!to) return 'Nothing yet: choose where the customers go.';
  if (!answer) return 'A dry run asks who would be over a limit; it changes nothing.';
  if (total === 0) return 'Nothing: no customer is on this version.';
  const when = terms.effective === 'now' ? 'at once' : 'when each one’s longest window ends';
  const over = new Set(answer.over.map(({ customer }) => customer)).size;
  const looked = answer.remaining > 0 ? `the first ${fullNumber(answer.customers)}` : 'them';
  const unknown =
    answer.remaining > 0
      ? ` The other ${fullNumber(answer.remaining)} were not looked at: the same may hold for them.`
      : '';
  const limits = over
    ? ` Of ${looked}, ${counted(over, 'customer has', 'customers have')} used more than the new version gives, and would meet its limits ${when}.`
    : ` None of ${looked} would be over a limit.`;
  return `${counted(total, 'customer')} ${total === 1 ? 'gets' : 'get'} the limits of ${to.name}, version ${to.version}, ${when}; that version then freezes for good.${limits}${unknown}`;
}

function WhoIsOver({ answer }: { answer: MigrationAnswer }) {
  if (answer.over.length === 0) return null;
  const rest = answer.over.length - MOST_SHOWN;
  return (
    <Table.ScrollContainer minWidth={400} mah={260}>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Would be over</Table.Th>
            <Table.Th>Limit</Table.Th>
            <Table.Th ta="right">Used</Table.Th>
            <Table.Th ta="right">Of</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {answer.over.slice(0, MOST_SHOWN).map((row) => (
            <Table.Tr key={`${row.customer} ${row.scopeValue} ${limitWords(row.limit)}`}>
              <Table.Td>{row.customer}</Table.Td>
              <Table.Td>{limitWords(row.limit)}</Table.Td>
              <Table.Td ta="right">{fullNumber(row.used)}</Table.Td>
              <Table.Td ta="right">{fullNumber(row.limit.amount)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rest > 0 && <Text size="sm">and {fullNumber(rest)} more</Text>}
    </Table.ScrollContainer>
  );
}

/** A request moves 1,000: goes on while some remain; answers how many were moved. */
async function moveAll(from: TierReference, body: MigrationAsked): Promise<number> {
  let moved = 0;
  for (let request = 0; request < MOST_REQUESTS; request++) {
    const { customers, remaining } = await migrateTier(from, body);
    moved += customers;
    if (remaining === 0 || customers === 0) break;
  }
  return moved;
}
