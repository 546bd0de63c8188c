import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { TierReference } from '@tallyward/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { cloneTier } from '../../api/tiers';

/** Makes the next version, a draft with these limits, and goes there. It touches no customer. */
export function CloneButton({ of }: { of: TierReference }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const cloning = useMutation({
    mutationFn: () => cloneTier(of, crypto.randomUUID()),
    onSuccess: async ({ name, version }) => {
      await client.invalidateQueries({ queryKey: ['tiers'] });
      await navigate({ to: '/tiers/$name/versions/$version', params: { name, version } });
    },
    onError: ({ message }) =>
      notifications.show({ color: 'red', title: 'It was not cloned', message }),
  });
  return (
    <Button loading={cloning.isPending} onClick={() => cloning.mutate()}>
      Clone
    </Button>
  );
}
