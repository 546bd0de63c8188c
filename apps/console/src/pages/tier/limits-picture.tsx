import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { TierLimit } from '@tallyward/contracts';
import { UNITS } from '@tallyward/domain';
import { OUTCOME_COLOUR } from '../../ui/colours';
import { Quantity } from '../../ui/quantity';
import { UNIT_WORDS } from '../../ui/unit-words';
import { groupWords, limitId, onLimitWords, replenishmentWords, windowWords } from '../../ui/words';
import { share } from '../tiers/ladder-rows';
import classes from './limits-picture.module.css';

/** What a version gives, unit by unit: a bar for each limit, and what happens at its end. */
export function LimitsPicture({ limits }: { limits: readonly TierLimit[] }) {
  const units = UNITS.filter((unit) => limits.some((limit) => limit.unit === unit));
  if (units.length === 0) {
    return (
      <Paper withBorder p="md">
        <Text className="tw-quiet">No limits: everything is allowed, and only counted.</Text>
      </Paper>
    );
  }
  return (
    <div className={classes.units}>
      {units.map((unit) => {
        const ofUnit = limits.filter((limit) => limit.unit === unit);
        const most = Math.max(1, ...ofUnit.map(({ amount }) => amount));
        return (
          <Paper withBorder p="md" key={unit}>
            <Title order={2} size="h4" mb="sm" tt="capitalize">
              {UNIT_WORDS[unit]}
            </Title>
            <Stack gap="sm">
              {ofUnit.map((limit) => (
                <LimitLine key={limitId(limit)} limit={limit} most={most} />
              ))}
            </Stack>
          </Paper>
        );
      })}
    </div>
  );
}

function LimitLine({ limit, most }: { limit: TierLimit; most: number }) {
  const isOff = limit.amount === 0 && limit.onLimit === 'block';
  const width = `${(share(limit.amount, most) * 100).toFixed(1)}%`;
  const refill = limit.replenishment.kind === 'reset' ? null : replenishmentWords(limit);
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <b>{groupWords(limit.modelGroup)}</b> {windowWords(limit.window)}
          {limit.scope === 'customer' ? '' : ` per ${limit.scope}`}
        </Text>
        <Text size="sm" fw={600}>
          {limit.amount === 0 ? 'none' : <Quantity value={limit.amount} of={limit.unit} />}
        </Text>
      </Group>
      <div className={classes.track} aria-hidden>
        <span
          className={classes.bar}
          style={{ width, background: OUTCOME_COLOUR[limit.onLimit] }}
        />
      </div>
      <Group gap="xs">
        <Badge size="sm" variant="default" tt="none" fw={500}>
          {isOff ? 'Switched off' : onLimitWords(limit)}
        </Badge>
        {refill && (
          <Text size="xs" className="tw-quiet">
            {refill}
          </Text>
        )}
        {limit.message && (
          <Text size="xs" className="tw-quiet">
            “{limit.message}”
          </Text>
        )}
      </Group>
    </div>
  );
}
