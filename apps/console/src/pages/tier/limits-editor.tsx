import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { limitOf, type TierLimit } from '@tallyward/contracts';
import { tierFaults, type TierFault } from '@tallyward/domain';
import { counted } from '../../ui/figures';
import { LimitFields } from './limit-fields';

const MOST_LIMITS = 200;

interface LimitsEditorProps {
  readonly limits: readonly TierLimit[];
  readonly groups: readonly string[];
  readonly change: (limits: readonly TierLimit[]) => void;
}

/** By the rules that the API checks; a limit whose duration is half typed has none yet. */
export function faultsOf(limits: readonly TierLimit[]): TierFault[] {
  return tierFaults(limits.map(limitOf));
}

/** All limits of a draft, each with what is wrong with it. */
export function LimitsEditor({ limits, groups, change }: LimitsEditorProps) {
  const faults = faultsOf(limits);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Limits
        </Title>
        <Text size="sm" className="tw-quiet">
          {counted(limits.length, 'limit')}; a group without one is unlimited
        </Text>
      </Group>
      {limits.map((limit, at) => (
        <LimitFields
          // Limits have no id while they are edited, and what makes them one is what is edited.
          key={at}
          limit={limit}
          groups={groups}
          faults={faults.filter(({ index }) => index === at)}
          change={(next) => change(limits.map((other, index) => (index === at ? next : other)))}
          remove={() => change(limits.filter((_, index) => index !== at))}
        />
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        disabled={limits.length >= MOST_LIMITS}
        onClick={() => change([...limits, blank(groups, limits)])}
      >
        Add a limit
      </Button>
    </Stack>
  );
}

/** The next limit a person would write: calls and tokens of one group, then those of the next. */
function blank(groups: readonly string[], limits: readonly TierLimit[]): TierLimit {
  const has = (group: string, unit: string): boolean =>
    limits.some((limit) => limit.modelGroup === group && limit.unit === unit);
  const open = groups.find((group) => !has(group, 'calls') || !has(group, 'tokens'));
  const modelGroup = open ?? groups[0] ?? '*';
  const unit = has(modelGroup, 'calls') ? 'tokens' : 'calls';
  return {
    scope: 'customer',
    modelGroup,
    unit,
    window: 'month',
    amount: unit === 'calls' ? 1_000 : 1_000_000,
    onLimit: 'block',
    restrictTo: null,
    replenishment: { kind: 'reset' },
    message: null,
  };
}
