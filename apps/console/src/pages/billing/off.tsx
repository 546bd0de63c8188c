import { Text } from '@mantine/core';
import { fullNumber } from '../../ui/figures';

/** How far a side is from what the log says, in full: not by its colour alone. */
export function Off({ value, of }: { value: number; of: number }) {
  const by = value - of;
  const said = `${fullNumber(Math.abs(by))} ${by > 0 ? 'more' : 'less'} than the log`;
  return (
    <Text size="xs" c="red" fw={700} className="tw-number">
      {said}
    </Text>
  );
}
