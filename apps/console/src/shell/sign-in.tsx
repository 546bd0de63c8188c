import {
  Anchor,
  Button,
  Center,
  Code,
  Image,
  Paper,
  PasswordInput,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiProblem } from '../api/problem';
import { sessionQuery, signIn } from '../api/session';
import { Failed } from '../ui/states/failed';
import mark from '../ui/mark.svg';

/** An API key for a session: the key itself is sent once and kept nowhere. */
export function SignIn() {
  const [key, setKey] = useState('');
  const client = useQueryClient();
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  useEffect(() => {
    document.title = 'Sign in · Tallyward';
  }, []);
  const refused = entering.error instanceof ApiProblem && entering.error.status === 401;
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder shadow="sm" p="xl" w={420} maw="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            entering.mutate(key.trim());
          }}
        >
          <Stack>
            <Image src={mark} w={40} h={40} alt="" />
            <Title order={1} size="h2">
              Sign in to Tallyward
            </Title>
            <PasswordInput
              label="API key"
              placeholder="tw_…"
              autoComplete="off"
              data-autofocus
              autoFocus
              required
              value={key}
              onChange={({ currentTarget }) => setKey(currentTarget.value)}
              error={refused ? 'No key of this installation, or one that was deleted.' : undefined}
            />
            {entering.error && !refused && <Failed error={entering.error} />}
            <Button type="submit" loading={entering.isPending} disabled={key.trim() === ''}>
              Sign in
            </Button>
            <Text size="sm" className="tw-quiet">
              The operator’s key was made at the first start and stands in{' '}
              <Code>.local/admin-key</Code>. A session lasts 12 hours; what you change is written
              into the audit trail under the key’s name. For programs there is the{' '}
              <Anchor href="/openapi.json" size="sm" underline="always">
                API
              </Anchor>
              .
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
