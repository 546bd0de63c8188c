import { Button, Group, Paper, Stack } from '@mantine/core';
import type { Settings } from '@tallyward/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeSettings, settingsQuery } from '../../api/project';
import type { ListedVersion } from '../../api/tiers';
import { Confirm } from '../../ui/confirm';
import { counted } from '../../ui/figures';
import { useUnsaved } from '../../ui/unsaved';
import { settingChanges, type SettingChange } from './setting-changes';
import { SettingFields } from './setting-fields';

interface SettingsFormProps {
  readonly now: Settings;
  readonly versions: readonly ListedVersion[];
}

/** The settings, changed together: the confirmation names what each change does. */
export function SettingsForm({ now, versions }: SettingsFormProps) {
  const [wanted, setWanted] = useState(now);
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const changes = settingChanges(now, wanted);
  useUnsaved(changes.length > 0);
  const saving = useMutation({
    mutationFn: (reason: string | null) =>
      changeSettings({
        ...Object.fromEntries(changes.map(({ setting }) => [setting, wanted[setting]])),
        reason,
      }),
    onSuccess: (answer) => {
      client.setQueryData(settingsQuery.queryKey, answer);
      setAsking(false);
    },
  });
  return (
    <Paper withBorder p="md" maw={640}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (changes.length > 0) setAsking(true);
        }}
      >
        <Stack>
          <SettingFields wanted={wanted} versions={versions} set={setWanted} />
          <Group justify="flex-end">
            <Button
              variant="default"
              disabled={changes.length === 0}
              onClick={() => setWanted(now)}
            >
              Undo
            </Button>
            <Button type="submit" disabled={changes.length === 0}>
              {changes.length === 0
                ? 'Nothing changed'
                : `Save ${counted(changes.length, 'change')}`}
            </Button>
          </Group>
        </Stack>
      </form>
      <Confirm
        title="Change settings"
        opened={isAsking}
        close={() => setAsking(false)}
        action="Change them"
        consequence={<Consequences changes={changes} />}
        isBusy={saving.isPending}
        error={saving.error}
        confirm={(reason) => saving.mutate(reason)}
      />
    </Paper>
  );
}

function Consequences({ changes }: { changes: readonly SettingChange[] }) {
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {changes.map(({ setting, words, before, after, consequence }) => (
        <li key={setting}>
          {words}: {before} → {after}. {consequence}
        </li>
      ))}
    </ul>
  );
}
