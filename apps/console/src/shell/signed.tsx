import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onOtherSession, sessionQuery } from '../api/session';
import { AsOfProvider } from '../ui/as-of';
import { Failed } from '../ui/states/failed';
import { SessionContext } from '../ui/session';
import { Frame } from './frame';
import { SignIn } from './sign-in';

/** The frame and the page for who is signed in; the sign-in page, at the same address, else. */
export function Signed() {
  const session = useQuery(sessionQuery);
  useEffect(() => onOtherSession(() => location.reload()), []);
  if (session.data === undefined) {
    return (
      <Center mih="100vh" p="md">
        {session.error ? (
          <Failed error={session.error} retry={() => void session.refetch()} />
        ) : (
          <Loader aria-label="Loading" />
        )}
      </Center>
    );
  }
  if (session.data === null) return <SignIn />;
  return (
    <SessionContext.Provider value={session.data}>
      <AsOfProvider>
        <Frame />
      </AsOfProvider>
    </SessionContext.Provider>
  );
}
