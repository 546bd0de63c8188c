import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import type { Scope } from '@tallyward/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../ui/states/failed';
import { createKey, keysQuery, type ShownOnce } from './project-calls';

const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  ingest: 'ingest: send usage',
  decide: 'decide: ask before calls, settle and release holds',
  read: 'read: reports, decisions, billing',
  admin: 'admin: all of it, and manage the project',
};
const CHOICES = Object.entries(SCOPE_WORDS) as [Scope, string][];

interface NewKeyProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly made: (key: ShownOnce) => void;
}

/** A name and what the key may do. */
export function NewKey({ opened, close, made }: NewKeyProps) {
  return (
    <Modal opened={opened} onClose={close} title="New API key" centered>
      <NewKeyForm close={close} made={made} />
    </Modal>
  );
}

function NewKeyForm({ close, made }: Omit<NewKeyProps, 'opened'>) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['ingest', 'decide']);
  const [once] = useState(() => crypto.randomUUID());
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: () => createKey({ name: name.trim(), scopes }, once),
    onSuccess: (key) => {
      void client.invalidateQueries({ queryKey: keysQuery.queryKey });
      close();
      made(key);
    },
  });
  const isReady = name.trim() !== '' && scopes.length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !making.isPending) making.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          description="Of the app or the person: it is the actor in the audit trail."
          required
          data-autofocus
          maxLength={128}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Checkbox.Group
          label="What it may do"
          value={scopes}
          onChange={(chosen) => setScopes(chosen as Scope[])}
        >
          <Stack gap="xs" mt="xs">
            {CHOICES.map(([scope, words]) => (
              <Checkbox key={scope} value={scope} label={words} />
            ))}
          </Stack>
        </Checkbox.Group>
        {making.error && <Failed error={making.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={making.isPending} disabled={!isReady}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
