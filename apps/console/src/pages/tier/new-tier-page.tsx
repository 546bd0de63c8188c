import { Button, Group, Stack, TextInput } from '@mantine/core';
import type { TierLimit } from '@tallyward/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { modelGroupsQuery } from '../../api/project';
import { createTier } from '../../api/tiers';
import { Page } from '../../ui/page';
import { Answered } from '../../ui/states/answered';
import { Failed } from '../../ui/states/failed';
import { faultsOf, LimitsEditor } from './limits-editor';
import { LimitsPicture } from './limits-picture';

const NAME_CHARACTERS = 128;

/** A new tier: its version 1, a draft until a customer has it. */
export function NewTierPage() {
  const groups = useQuery(modelGroupsQuery);
  return (
    <Page title="New tier" about="Nobody has it until you put a customer on it.">
      <Answered what="model groups" query={groups}>
        {(data) => <NewTier groups={data.map(({ group }) => group)} />}
      </Answered>
    </Page>
  );
}

function NewTier({ groups }: { groups: readonly string[] }) {
  const [name, setName] = useState('');
  const [limits, setLimits] = useState<readonly TierLimit[]>([]);
  const [once] = useState(() => crypto.randomUUID());
  const navigate = useNavigate();
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: () =>
      createTier({ name: name.trim(), limits, reason: null }, `${once}-${name.trim()}`),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['tiers'] });
      const { version } = made;
      await navigate({
        to: '/tiers/$name/versions/$version',
        params: { name: made.name, version },
      });
    },
  });
  const isReady = name.trim() !== '' && faultsOf(limits).length === 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) making.mutate();
      }}
    >
      <Stack gap="lg">
        <TextInput
          label="Name"
          description="What your customers know it by, such as Professional."
          required
          maxLength={NAME_CHARACTERS}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          maw={420}
        />
        {limits.length > 0 && <LimitsPicture limits={limits} />}
        <LimitsEditor limits={limits} groups={groups} change={setLimits} />
        {making.error && <Failed error={making.error} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!isReady} loading={making.isPending}>
            Make the tier
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
