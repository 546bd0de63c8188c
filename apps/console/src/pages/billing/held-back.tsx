import { Alert, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { counted } from '../../ui/figures';
import { Answered } from '../../ui/states/answered';
import { heldBackQuery } from './billing-queries';
import { Differences } from './differences';
import { PeriodSpan } from './period-span';

/** Periods that are not billed, because their proofs differ: why, and which events. */
export function HeldBack() {
  const held = useQuery(heldBackQuery);
  return (
    <Answered what="periods held back" query={held} scope="read">
      {(periods) =>
        periods.length === 0 ? null : (
          <Alert
            color="red"
            title={`${counted(periods.length, 'period')} held back: not billed until the sides agree`}
            role="alert"
            // On a phone the table scrolls within it, and the words wrap.
            styles={{ body: { minWidth: 0 }, title: { whiteSpace: 'normal' } }}
          >
            <Stack gap="sm">
              {periods.map((one) => (
                <Stack gap={4} key={`${one.customer} ${one.period.from}`}>
                  <Group gap="xs">
                    <Text fw={600} size="sm">
                      {one.customer}
                    </Text>
                    <PeriodSpan period={one.period} />
                  </Group>
                  <Text size="sm">{one.reason}</Text>
                  <Differences customer={one.customer} differences={one.differences} />
                </Stack>
              ))}
            </Stack>
          </Alert>
        )
      }
    </Answered>
  );
}
