import { Box, Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Failed } from '../../ui/states/failed';
import { TimeZone } from '../../ui/time-zone';
import { onFreshLink, takeToken } from './customer-token';
import { Ended, isOver } from './ended';
import { OwnUsage } from './own-usage';
import { tokenQuery } from './usage-page-queries';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const SHOWN_ZONE = { timeZone: ZONE, chosen: null, project: ZONE, choose: () => undefined };

/** A customer's own page: what it has, used, and was refused. Opened with a token of its own. */
export function UsagePage() {
  const [token, setToken] = useState(takeToken);
  useEffect(() => onFreshLink(() => setToken(takeToken())), []);
  useEffect(() => {
    document.title = 'Your usage';
  }, []);
  return (
    <TimeZone.Provider value={SHOWN_ZONE}>
      <Box component="main" p="md" maw={1100} mx="auto">
        {token === null ? <Ended /> : <WithToken key={token} token={token} />}
      </Box>
    </TimeZone.Provider>
  );
}

function WithToken({ token }: { token: string }) {
  const session = useQuery(tokenQuery(token));
  if (isOver(session.error)) return <Ended />;
  if (session.error) {
    return <Failed error={session.error} retry={() => void session.refetch()} />;
  }
  if (!session.data) {
    return (
      <Center mih="60vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return session.data.customer === null ? <Ended /> : <OwnUsage customer={session.data.customer} />;
}
