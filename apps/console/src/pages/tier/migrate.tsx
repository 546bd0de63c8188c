import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { TierReference } from '@tallyward/contracts';
import { MigrateDialog } from './migrate-dialog';

/** Moves everybody on a version to another one; a dry run says first who would be over. */
export function Migrate({ from }: { from: TierReference }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        Migrate customers
      </Button>
      {opened && <MigrateDialog from={from} close={close} />}
    </>
  );
}
