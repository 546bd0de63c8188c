import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { TierLimit } from '@tallyward/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { modelGroupsQuery } from '../../api/project';
import { saveDraft, type ListedVersion } from '../../api/tiers';
import { Answered } from '../../ui/states/answered';
import { Failed } from '../../ui/states/failed';
import { useUnsaved } from '../../ui/unsaved';
import { faultsOf, LimitsEditor } from './limits-editor';
import { LimitsPicture } from './limits-picture';

/** What was typed, and the limits that it began from, as text. */
interface Edited {
  readonly limits: readonly TierLimit[];
  readonly from: string;
}

const textOf = ({ limits }: ListedVersion): string => JSON.stringify(limits);

/** Edits a draft; the picture above it is of what would be saved. */
export function DraftEditor({ tier }: { tier: ListedVersion }) {
  const { name, version } = tier;
  const groups = useQuery(modelGroupsQuery);
  const client = useQueryClient();
  const [edited, setEdited] = useState<Edited | null>(null);
  const limits = edited?.limits ?? tier.limits;
  const edit = (now: readonly TierLimit[]): void =>
    setEdited({ limits: now, from: edited?.from ?? textOf(tier) });
  const isOvertaken = edited !== null && edited.from !== textOf(tier);
  useUnsaved(edited !== null);
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
            <LimitsEditor limits={limits} groups={data.map(({ group }) => group)} change={edit} />
            {isOvertaken && (
              <Alert color="yellow" role="status">
                This draft was saved by somebody else after you began: saving puts yours in its
                place, “Discard” shows theirs.
              </Alert>
            )}
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
