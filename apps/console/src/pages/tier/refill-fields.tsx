import { Group, NumberInput, Select } from '@mantine/core';
import type { TierLimit } from '@tallyward/contracts';
import { DurationField } from './duration-field';

type Refill = TierLimit['replenishment'];

const KINDS = [
  { value: 'reset', label: 'Starts anew each window' },
  { value: 'rollover', label: 'Unused part carries over' },
  { value: 'drip', label: 'Drips back over time' },
];

interface RefillFieldsProps {
  readonly limit: TierLimit;
  readonly change: (part: Partial<TierLimit>) => void;
}

/** How a limit refills. What drips starts full, so its cap is the limit's amount. */
export function RefillFields({ limit, change }: RefillFieldsProps) {
  const { replenishment: refill, amount } = limit;
  const set = (replenishment: Refill): void =>
    change({
      replenishment,
      ...(replenishment.kind === 'drip' ? { amount: replenishment.cap } : {}),
    });
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Replenishment"
        data={KINDS}
        value={refill.kind}
        allowDeselect={false}
        onChange={(kind) => set(begin(kind as Refill['kind'], amount))}
        w={230}
      />
      {refill.kind === 'rollover' && (
        <>
          <NumberInput
            label="At most carried"
            min={0}
            allowDecimal={false}
            thousandSeparator=","
            value={refill.cap}
            onChange={(cap) => set({ ...refill, cap: Number(cap) })}
            w={140}
          />
          <NumberInput
            label="From the last windows"
            min={1}
            max={36}
            allowDecimal={false}
            value={refill.windows}
            onChange={(windows) => set({ ...refill, windows: Number(windows) })}
            w={150}
          />
        </>
      )}
      {refill.kind === 'drip' && (
        <>
          <NumberInput
            label="Each time"
            min={1}
            allowDecimal={false}
            thousandSeparator=","
            value={refill.amount}
            onChange={(each) => set({ ...refill, amount: Number(each) })}
            w={120}
          />
          <DurationField
            label="Every"
            value={refill.every}
            change={(every) => set({ ...refill, every })}
          />
          <NumberInput
            label="Up to (and at the start)"
            min={1}
            allowDecimal={false}
            thousandSeparator=","
            value={refill.cap}
            onChange={(cap) => set({ ...refill, cap: Number(cap) })}
            w={180}
          />
        </>
      )}
    </Group>
  );
}

function begin(kind: Refill['kind'], amount: number): Refill {
  if (kind === 'rollover') return { kind, cap: amount, windows: 1 };
  if (kind !== 'drip') return { kind: 'reset' };
  const cap = Math.max(1, amount);
  return { kind, amount: Math.max(1, Math.round(cap / 10)), every: 'PT1H', cap };
}
