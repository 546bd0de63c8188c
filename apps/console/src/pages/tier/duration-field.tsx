import { Group, NumberInput, Select } from '@mantine/core';
import { durationMs, durationText } from '@tallyward/contracts';

const STEPS = [
  { value: '86400000', label: 'days' },
  { value: '3600000', label: 'hours' },
  { value: '60000', label: 'minutes' },
  { value: '1000', label: 'seconds' },
] as const;
const MOST = 366 * 24 * 60;

interface DurationFieldProps {
  readonly label: string;
  /** ISO 8601, in and out. */
  readonly value: string;
  readonly change: (duration: string) => void;
}

/** A duration as a number of its largest whole step. */
export function DurationField({ label, value, change }: DurationFieldProps) {
  const ms = durationMs(value) ?? 0;
  const step = STEPS.find((each) => ms > 0 && ms % Number(each.value) === 0) ?? STEPS[1];
  const count = ms / Number(step.value);
  return (
    <Group gap={4} align="flex-end" wrap="nowrap">
      <NumberInput
        label={label}
        min={1}
        max={MOST}
        allowDecimal={false}
        value={count}
        onChange={(next) => change(durationText(Number(next) * Number(step.value)))}
        w={100}
      />
      <Select
        aria-label={`${label}: unit`}
        data={[...STEPS]}
        value={step.value}
        allowDeselect={false}
        onChange={(next) => change(durationText(count * Number(next)))}
        w={110}
      />
    </Group>
  );
}
