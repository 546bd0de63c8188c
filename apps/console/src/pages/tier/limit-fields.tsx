import {
  ActionIcon,
  Alert,
  Group,
  NumberInput,
  Paper,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { TierLimit } from '@tallyward/contracts';
import { EVERY_GROUP, LIMIT_SCOPES, ON_LIMIT, UNITS, type TierFault } from '@tallyward/domain';
import { UNIT_WORDS } from '../../ui/unit-words';
import { limitWords, ON_LIMIT_WORDS } from '../../ui/words';
import { DurationField } from './duration-field';
import { RefillFields } from './refill-fields';

const WINDOWS = [
  { value: 'request', label: 'each call' },
  { value: 'minute', label: 'minute' },
  { value: 'hour', label: 'hour' },
  { value: 'day', label: 'day' },
  { value: 'week', label: 'week' },
  { value: 'month', label: 'month' },
  { value: 'billingPeriod', label: 'billing period' },
  { value: 'lifetime', label: 'lifetime' },
  { value: 'firstUse', label: 'from first use' },
];
const MESSAGE_CHARACTERS = 512;

interface LimitFieldsProps {
  readonly limit: TierLimit;
  readonly groups: readonly string[];
  readonly faults: readonly TierFault[];
  readonly change: (limit: TierLimit) => void;
  readonly remove: () => void;
}

/** One limit of a draft: what it counts, how much, what happens then, how it refills. */
export function LimitFields({ limit, groups, faults, change, remove }: LimitFieldsProps) {
  const set = (part: Partial<TierLimit>): void => change({ ...limit, ...part });
  return (
    <Paper withBorder p="sm" component="fieldset" m={0}>
      <Stack gap="sm">
        <Group gap="sm" align="flex-end">
          <Counts limit={limit} groups={groups} set={set} />
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            ml="auto"
            onClick={remove}
            aria-label={`Remove the limit ${limitWords(limit)}`}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </Group>
        <Reaction limit={limit} groups={groups} set={set} />
        {limit.window !== 'request' && <RefillFields limit={limit} change={set} />}
        {faults.map(({ code, detail }) => (
          <Alert key={code + detail} color="red" variant="light" p="xs" role="alert">
            {detail}
          </Alert>
        ))}
      </Stack>
    </Paper>
  );
}

interface PartProps {
  readonly limit: TierLimit;
  readonly groups: readonly string[];
  readonly set: (part: Partial<TierLimit>) => void;
}

function Counts({ limit, groups, set }: PartProps) {
  const { window, replenishment } = limit;
  const isDrip = replenishment.kind === 'drip';
  return (
    <>
      <Select
        label="Models"
        data={[
          ...groups.map((group) => ({ value: group, label: group })),
          { value: EVERY_GROUP, label: 'all models' },
        ]}
        value={limit.modelGroup}
        allowDeselect={false}
        onChange={(modelGroup) => set({ modelGroup: modelGroup ?? EVERY_GROUP })}
        w={150}
      />
      <NumberInput
        label="Amount"
        min={0}
        max={Number.MAX_SAFE_INTEGER}
        allowDecimal={false}
        thousandSeparator=","
        disabled={isDrip}
        value={limit.amount}
        onChange={(amount) => set({ amount: Number(amount) || 0 })}
        w={160}
      />
      <Select
        label="Unit"
        data={UNITS.map((value) => ({ value, label: UNIT_WORDS[value] }))}
        value={limit.unit}
        allowDeselect={false}
        onChange={(unit) => set({ unit: unit as TierLimit['unit'] })}
        w={150}
      />
      <Select
        label="Window"
        data={WINDOWS}
        value={typeof window === 'string' ? window : 'firstUse'}
        allowDeselect={false}
        onChange={(next) =>
          set({
            window:
              next === 'firstUse' ? { firstUse: 'PT5H' } : (next as TierLimit['window'] & string),
            ...(next === 'request' ? { replenishment: { kind: 'reset' as const } } : {}),
          })
        }
        w={150}
      />
      {typeof window !== 'string' && (
        <DurationField
          label="Lasts"
          value={window.firstUse}
          change={(firstUse) => set({ window: { firstUse } })}
        />
      )}
      <Select
        label="Counted for each"
        data={[...LIMIT_SCOPES]}
        value={limit.scope}
        allowDeselect={false}
        onChange={(scope) => set({ scope: scope as TierLimit['scope'] })}
        w={140}
      />
    </>
  );
}

function Reaction({ limit, groups, set }: PartProps) {
  const { onLimit } = limit;
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="When it is reached"
        data={ON_LIMIT.map((value) => ({ value, label: ON_LIMIT_WORDS[value] }))}
        value={onLimit}
        allowDeselect={false}
        onChange={(next) =>
          set({
            onLimit: next as TierLimit['onLimit'],
            restrictTo: next === 'restrict' ? fallback(limit, groups) : null,
          })
        }
        w={220}
      />
      {onLimit === 'restrict' && (
        <Select
          label="Served by"
          data={groups.filter((group) => group !== limit.modelGroup)}
          value={limit.restrictTo}
          allowDeselect={false}
          onChange={(restrictTo) => set({ restrictTo })}
          w={150}
        />
      )}
      {onLimit !== 'allow' && (
        <TextInput
          label="Message to the customer"
          placeholder="Tallyward’s own words"
          maxLength={MESSAGE_CHARACTERS}
          value={limit.message ?? ''}
          onChange={({ currentTarget }) => set({ message: currentTarget.value || null })}
          style={{ flex: 1, minWidth: 220 }}
        />
      )}
    </Group>
  );
}

const fallback = ({ modelGroup }: TierLimit, groups: readonly string[]): string | null =>
  groups.find((group) => group !== modelGroup) ?? null;
