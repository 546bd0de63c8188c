import { Group, Paper, Text, Title, UnstyledButton } from '@mantine/core';
import type { ListedVersion } from '../../api/tiers';
import { fullNumber, percent } from '../../ui/figures';
import classes from './tier-groups.module.css';

interface TierGroupsProps {
  readonly versions: readonly ListedVersion[];
  readonly chosen: { readonly tier?: string; readonly version?: number };
  readonly choose: (tier?: string, version?: number) => void;
}

/** Customers by the tier version they have: how many, and a click shows them alone. */
export function TierGroups({ versions, chosen, choose }: TierGroupsProps) {
  const groups = versions.filter(({ customers }) => customers !== 0);
  const total = groups.reduce((sum, { customers }) => sum + (customers ?? 0), 0);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb="sm">
        By usage tier
      </Title>
      <div className={classes.groups}>
        <GroupCard
          label="Every tier"
          about="all customers"
          customers={total}
          total={total}
          isChosen={chosen.tier === undefined}
          onClick={() => choose()}
        />
        {groups.map(({ name, version, customers }) => (
          <GroupCard
            key={`${name}@${version}`}
            label={name}
            about={`version ${version}`}
            customers={customers ?? null}
            total={total}
            isChosen={chosen.tier === name && (chosen.version ?? version) === version}
            onClick={() => choose(name, version)}
          />
        ))}
      </div>
    </Paper>
  );
}

interface GroupCardProps {
  readonly label: string;
  readonly about: string;
  readonly customers: number | null;
  readonly total: number;
  readonly isChosen: boolean;
  readonly onClick: () => void;
}

function GroupCard({ label, about, customers, total, isChosen, onClick }: GroupCardProps) {
  const share = customers === null || total === 0 ? 0 : customers / total;
  return (
    <UnstyledButton
      className={classes.card}
      data-chosen={isChosen || undefined}
      aria-pressed={isChosen}
      onClick={onClick}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={600} truncate>
          {label}
        </Text>
        <Text size="sm" fw={600} className="tw-number">
          {customers === null ? '' : fullNumber(customers)}
        </Text>
      </Group>
      <div className={classes.track} aria-hidden>
        <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </div>
      <Group justify="space-between" gap="xs">
        <Text size="xs" className="tw-quiet">
          {about}
        </Text>
        <Text size="xs" className="tw-quiet">
          {customers === null || total === 0 ? '' : percent(customers, total)}
        </Text>
      </Group>
    </UnstyledButton>
  );
}
