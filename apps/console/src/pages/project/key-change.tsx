import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Failed } from '../../ui/states/failed';
import { type ApiKey, keysQuery, revokeKey, rotateKey, type ShownOnce } from './project-calls';

export interface KeyChangeAsked {
  readonly key: ApiKey;
  readonly what: 'rotate' | 'delete';
}

interface KeyChangeProps {
  readonly asked: KeyChangeAsked | null;
  readonly close: () => void;
  readonly made: (key: ShownOnce) => void;
}

/** Asks before a key is rotated or deleted, and says who notices. */
export function KeyChange({ asked, close, made }: KeyChangeProps) {
  const title = asked?.what === 'rotate' ? 'Rotate this key' : 'Delete this key';
  return (
    <Modal opened={asked !== null} onClose={close} title={title} centered>
      {asked && <KeyChangeForm key={asked.key.id} asked={asked} close={close} made={made} />}
    </Modal>
  );
}

interface FormProps extends KeyChangeProps {
  readonly asked: KeyChangeAsked;
}

function KeyChangeForm({ asked: { key, what }, close, made }: FormProps) {
  const [once] = useState(() => crypto.randomUUID());
  const client = useQueryClient();
  const changing = useMutation({
    mutationFn: (): Promise<ShownOnce | void> =>
      what === 'rotate' ? rotateKey(key.id, once) : revokeKey(key.id),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: keysQuery.queryKey });
      close();
      if (answer) made(answer);
    },
  });
  const isDeleting = what === 'delete';
  return (
    <Stack>
      <Text size="sm">
        {isDeleting
          ? `“${key.name}” is refused everywhere within a second: calls of the apps that use it fail, and who is signed in with it is signed out.`
          : `A new key takes the place of “${key.name}”. The old one is good for another 24 hours: put the new one into the apps that use it before.`}
      </Text>
      {changing.error && <Failed error={changing.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          color={isDeleting ? 'red' : undefined}
          loading={changing.isPending}
          onClick={() => changing.mutate()}
        >
          {isDeleting ? 'Delete the key' : 'Rotate the key'}
        </Button>
      </Group>
    </Stack>
  );
}
