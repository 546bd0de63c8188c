import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { TierLimit } from '@tallyward/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { modelGroupsQuery } from '../../api/project';
import { saveDraft, type ListedVersion } from '../../api/tiers';
import { Answered } from '../../ui/states/answered';
import { Failed } from '../../ui/states/failed';
import { faultsOf, LimitsEditor } from './limits-editor';
import { LimitsPicture } from './limits-picture';

/** Edits a draft; the picture above it is of what would be saved. */
export function DraftEditor({ tier }: { tier: ListedVersion }) {
  const { name, version } = tier;
  const groups = useQuery(modelGroupsQuery);
  const client = useQueryClient();
  const [edited, setEdited] = useState<readonly TierLimit[] | null>(null);
  const limits = edited ?? tier.limits;
  const saving = useMutation({
    mutationFn: () => saveDraft(version, { name, limits, reason: null }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['tiers'] });
      setEdited(null);
      notifications.show({ message: `${name}, version ${version} is saved` });
    },
  });
  return (
    <Answered what="model groups" query={groups}>
      {(data) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            saving.mutate();
          }}
        >
          <Stack gap="lg">
            <LimitsPicture limits={limits} />
            <LimitsEditor
              limits={limits}
              groups={data.map(({ group }) => group)}
              change={setEdited}
            />
            {saving.error && <Failed error={saving.error} />}
            <Group justify="flex-end">
              <Text size="sm" className="tw-quiet">
                {edited ? 'Not saved yet.' : 'A draft: it touches no customer until one has it.'}
              </Text>
              <Button variant="default" disabled={!edited} onClick={() => setEdited(null)}>
                Discard
              </Button>
              <Button
                type="submit"
                disabled={!edited || faultsOf(limits).length > 0}
                loading={saving.isPending}
              >
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Answered>
  );
}
