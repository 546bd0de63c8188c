import { Badge, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { TierReference } from '@tallyward/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changeSettings } from '../../api/project';
import { Confirm } from '../../ui/confirm';

interface MakeDefaultProps {
  readonly tier: TierReference;
  readonly isDefault: boolean;
}

/** Which version customers get that come from now on. */
export function MakeDefault({ tier, isDefault }: MakeDefaultProps) {
  const [opened, { open, close }] = useDisclosure();
  const client = useQueryClient();
  const { name, version } = tier;
  const setting = useMutation({
    mutationFn: (reason: string | null) =>
      changeSettings({ defaultTier: { name, version }, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['settings'] });
      close();
    },
  });
  if (isDefault) {
    return (
      <Badge variant="light" tt="none">
        New customers start here
      </Badge>
    );
  }
  return (
    <>
      <Button variant="default" onClick={open}>
        Make it the default
      </Button>
      <Confirm
        title="Default for new customers"
        opened={opened}
        close={close}
        action="Make it the default"
        consequence={`Every customer that comes from now on starts on ${name}, version ${version}. Nobody who is here already changes.`}
        isBusy={setting.isPending}
        error={setting.error}
        confirm={(reason) => setting.mutate(reason)}
      />
    </>
  );
}
