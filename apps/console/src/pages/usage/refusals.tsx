import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { DecisionRecorded, Outcome } from '@tallyward/contracts';
import { useQuery } from '@tanstack/react-query';
import { OUTCOME_COLOUR } from '../../ui/colours';
import { Instant } from '../../ui/instant';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { refusalWords } from './limit-words';
import { refusalsQuery } from './usage-page-queries';

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  allow: 'overage',
  restrict: 'rerouted',
  throttle: 'had to wait',
  block: 'refused',
};

/** Calls that were not simply served, newest first, and why. */
export function Refusals({ customer }: { customer: string }) {
  const refusals = useQuery(refusalsQuery(customer));
  return (
    <Stack gap="xs" component="section" aria-label="Refused and rerouted calls">
      <Title order={2} size="h4">
        Refused and rerouted calls
      </Title>
      <Answered what="refused calls" query={refusals} scope="read">
        {({ data }) =>
          data.length === 0 ? (
            <Empty
              title="Every call was served"
              next="A call that is refused or rerouted stands here with the reason."
            />
          ) : (
            <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
              {gathered(data).map(({ one, times }) => (
                <Line key={one.decisionId} one={one} times={times} />
              ))}
            </Stack>
          )
        }
      </Answered>
    </Stack>
  );
}

interface Gathered {
  readonly one: DecisionRecorded;
  readonly times: number;
}

/** Refusals that say the same are one line, with the latest of them. */
function gathered(refusals: readonly DecisionRecorded[]): Gathered[] {
  const lines = new Map<string, { one: DecisionRecorded; times: number }>();
  for (const one of refusals) {
    const says = JSON.stringify([one.outcome, one.requestedModel, refusalWords(one)]);
    const line = lines.get(says) ?? { one, times: 0 };
    line.times += 1;
    lines.set(says, line);
  }
  return [...lines.values()];
}

function Line({ one, times }: Gathered) {
  const { outcome, requestedModel, decidedAt, retryAt } = one;
  return (
    <Group
      component="li"
      justify="space-between"
      gap="xs"
      py={8}
      style={{ borderBottom: '1px solid var(--tw-grid)' }}
    >
      <Group gap="xs" flex={1} miw={240}>
        <Badge variant="dot" color={OUTCOME_COLOUR[outcome]} tt="none">
          {OUTCOME_WORDS[outcome]}
        </Badge>
        <Text size="sm" flex={1}>
          {requestedModel}: {refusalWords(one)}
          {times > 1 && ` (${times} times)`}
          {retryAt && (
            <>
              {' '}
              Again from <Instant at={retryAt} />.
            </>
          )}
        </Text>
      </Group>
      <Text size="sm" className="tw-quiet">
        <Instant at={decidedAt} />
      </Text>
    </Group>
  );
}
