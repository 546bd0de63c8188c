import { Paper, Text } from '@mantine/core';
import type { LimitState } from '@tallyward/contracts';
import { fullNumber } from '../../ui/figures';
import { exactly } from '../../ui/instants';
import { LimitBar } from '../../ui/limit-bar';
import { UNIT_WORDS } from '../../ui/unit-words';
import { groupWords, windowWords } from '../../ui/words';
import { leftWords, thenWords } from './limit-words';

/** One limit: what is left of it, and when it starts anew. */
export function OwnLimit({ limit }: { limit: LimitState }) {
  const { modelGroup, unit, window, scope, scopeValue, resetAt, timeZone, held } = limit;
  return (
    <Paper withBorder p="md">
      <Text fw={600}>
        {groupWords(modelGroup)} · {UNIT_WORDS[unit]} {windowWords(window)}
      </Text>
      {scope !== 'customer' && (
        <Text size="xs" className="tw-quiet">
          {scope} {scopeValue}
        </Text>
      )}
      <Text my={6}>{leftWords(limit)}</Text>
      <LimitBar limit={limit} />
      <Text size="xs" className="tw-quiet" mt={6}>
        {held > 0 && `${fullNumber(held)} in use by running calls. `}
        {resetAt && `Starts anew ${exactly(resetAt, timeZone)}. `}
        {thenWords(limit)}
      </Text>
    </Paper>
  );
}
