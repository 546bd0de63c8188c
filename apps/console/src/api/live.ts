import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isTouchedBy } from './changes';
import { mayRecover, Renewal } from './renewal';

const POLL_EVERY_MS = 10_000;
const OPEN_AGAIN_MS = 30_000;

/** How changes reach this page: told by the gateway, or asked for every 10 seconds. */
export type Feed = 'live' | 'polling';

/**
 * Asks again for what the gateway says has changed; while the stream is away, for all of it, and
 * while it is there, for what could not be had.
 */
export function useLive(): Feed {
  const client = useQueryClient();
  const [feed, setFeed] = useState<Feed>('polling');
  useEffect(() => {
    const renewal = new Renewal(client);
    const ends = [renewal.start(), listen(renewal, setFeed)];
    return () => ends.forEach((end) => end());
  }, [client]);
  return feed;
}

function listen(renewal: Renewal, tell: (feed: Feed) => void): () => void {
  const touch = (kinds: readonly string[] | null): void => renewal.ask(isTouchedBy(kinds));
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let isLive = false;
  const become = (live: boolean): void => {
    isLive = live;
    tell(live ? 'live' : 'polling');
  };
  const open = (): void => {
    source = new EventSource('/v1/stream');
    source.addEventListener('open', () => {
      // What changed while nobody listened was told to nobody.
      if (!isLive) touch(null);
      become(true);
    });
    source.addEventListener('changed', ({ data }) => touch(kindsOf(data as string)));
    source.addEventListener('error', () => {
      become(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused: what is on show may be refused too, as to a key that was deleted.
      touch(null);
      again = setTimeout(open, OPEN_AGAIN_MS);
    });
  };
  const poll = setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    if (isLive) renewal.ask(mayRecover);
    else touch(null);
  }, POLL_EVERY_MS);
  const close = (): void => {
    source?.close();
    clearTimeout(again);
    become(false);
  };
  const end = whileLookedAt(open, close);
  return () => {
    end();
    clearInterval(poll);
  };
}

/** A browser keeps few connections to one host: tabs that nobody looks at take none. */
function whileLookedAt(open: () => void, close: () => void): () => void {
  const turn = (): void => (document.visibilityState === 'visible' ? open() : close());
  document.addEventListener('visibilitychange', turn);
  turn();
  return () => {
    document.removeEventListener('visibilitychange', turn);
    close();
  };
}

/** What can not be read may be about anything. */
function kindsOf(data: string): readonly string[] | null {
  try {
    const { kinds } = JSON.parse(data) as { kinds?: string[] };
    return Array.isArray(kinds) ? kinds : null;
  } catch {
    return null;
  }
}
