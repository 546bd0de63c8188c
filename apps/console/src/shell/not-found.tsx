import { Center } from '@mantine/core';
import { Empty } from '../ui/states/empty';
import { AnchorLink } from '../ui/link';

export function NotFound() {
  return (
    <Center p="xl">
      <Empty title="There is no such page" next="The address may be cut off, or an old one.">
        <AnchorLink to="/">To the first page</AnchorLink>
      </Empty>
    </Center>
  );
}
