import { Checkbox, Fieldset, NumberInput, SegmentedControl, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { LimitNamed, LimitState } from '@tallyward/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { replenish, type Replenishment } from '../../api/customers';
import { mayPass } from '../../api/problem';
import { Confirm } from '../../ui/confirm';
import { counted, fullNumber } from '../../ui/figures';
import { limitId, limitWords } from '../../ui/words';

interface ReplenishProps {
  readonly customer: string;
  readonly limits: readonly LimitState[];
  readonly close: () => void;
}

const idOf = (limit: LimitState): string => limitId(limit) + limit.scopeValue;
/** One call has no window to give more in. */
const canRefill = ({ window }: LimitState): boolean => window !== 'request';
const MOST_GIVEN = 1e15;

/** Gives more in the present windows, or lets what was used not count. */
export function Replenish({ customer, limits, close }: ReplenishProps) {
  const offered = limits.filter(canRefill);
  const [chosen, choose] = useState<readonly string[]>([]);
  const [kind, setKind] = useState<'reset' | 'amount'>('amount');
  const [amount, setAmount] = useState(1_000);
  const picked = offered.filter((limit) => chosen.includes(idOf(limit)));
  const giving = useGiving(customer, close);
  const given = (reason: string | null): Given => ({
    limits: picked.map(named),
    amount: kind === 'reset' ? kind : amount,
    reason,
  });
  return (
    <Confirm
      title={`Replenish ${customer}`}
      opened
      close={close}
      action="Replenish"
      isReady={picked.length > 0 && (kind === 'reset' || amount >= 1)}
      consequence={consequenceOf(picked, kind, amount)}
      isBusy={giving.isPending}
      error={giving.error}
      confirm={(reason) => giving.mutate(giving.unknown ?? given(reason))}
    >
      <Fieldset variant="unstyled" disabled={giving.unknown !== null}>
        <Stack>
          <Checkbox.Group
            label="Which limits"
            value={[...chosen]}
            onChange={(value) => choose(value)}
          >
            <Stack gap={6} mt={6} mah={240} style={{ overflowY: 'auto' }}>
              {offered.map((limit) => (
                <Checkbox
                  key={idOf(limit)}
                  value={idOf(limit)}
                  label={`${limitWords(limit)}: ${fullNumber(limit.used)} of ${fullNumber(limit.amount)} used`}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <SegmentedControl
            aria-label="How"
            value={kind}
            onChange={(value) => setKind(value as typeof kind)}
            data={[
              { value: 'amount', label: 'Give more' },
              { value: 'reset', label: 'Start from zero' },
            ]}
          />
          {kind === 'amount' && (
            <NumberInput
              label="How much more, of each limit’s unit"
              min={1}
              max={MOST_GIVEN}
              allowDecimal={false}
              thousandSeparator=","
              value={amount}
              onChange={(value) => setAmount(Number(value))}
            />
          )}
        </Stack>
      </Fieldset>
    </Confirm>
  );
}

type Given = Replenishment & { readonly limits: readonly LimitNamed[] };

/**
 * `unknown` may have been given, though no answer came: it alone can be sent again, and gives once.
 * Refused, the next try is another request.
 */
function useGiving(customer: string, close: () => void) {
  const [once, renew] = useState(() => crypto.randomUUID());
  const client = useQueryClient();
  const giving = useMutation({
    mutationFn: (given: Given) => replenish(customer, given, once),
    onError: (error) => {
      if (!mayPass(error)) renew(crypto.randomUUID());
    },
    onSuccess: async (_, { limits }) => {
      await client.invalidateQueries({ queryKey: ['customers', customer] });
      notifications.show({ message: `${counted(limits.length, 'limit')} replenished` });
      close();
    },
  });
  const unknown = mayPass(giving.error) ? (giving.variables ?? null) : null;
  return { ...giving, unknown };
}

function named({ scope, scopeValue, modelGroup, unit, window }: LimitState): LimitNamed {
  const whose = scope === 'customer' ? {} : { scopeValue };
  return { scope, ...whose, modelGroup, unit, window };
}

function consequenceOf(
  picked: readonly LimitState[],
  kind: 'reset' | 'amount',
  amount: number,
): string {
  if (picked.length === 0) return 'Nothing yet: choose the limits.';
  const which = counted(picked.length, 'limit');
  if (kind === 'reset') {
    return `What was used of ${which} in the present window no longer counts, so calls that were refused go through again. Usage and the bill stay as they are; the next window is as ever.`;
  }
  return `${which} ${picked.length === 1 ? 'gets' : 'get'} ${fullNumber(amount)} more in the present window, at once. The next window is as ever.`;
}
