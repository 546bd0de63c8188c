import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../../api/problem';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { EventCard } from './event-card';
import { eventQuery } from './project-calls';
import type { EventsSearch } from './project-search';
import { Trail } from './trail';

/** The newest events, live, of all customers or of one; or one event, in the log and both folds. */
export function EventsTab() {
  const wanted = useSearch({ from: '/signed/project/events' });
  const navigate = useNavigate({ from: '/project/events' });
  const look = (search: EventsSearch): void => void navigate({ search });
  const { customer, source, id } = wanted;
  return (
    <Stack>
      <LookUp key={JSON.stringify(wanted)} wanted={wanted} look={look} />
      {source && id ? (
        <OneEvent source={source} id={id} customer={customer} />
      ) : (
        <Trail key={customer} customer={customer} />
      )}
    </Stack>
  );
}

interface LookUpProps {
  readonly wanted: EventsSearch;
  readonly look: (wanted: EventsSearch) => void;
}

const MOST_CHARACTERS = 128;
const FIELDS = [
  { name: 'customer', label: 'Customer' },
  { name: 'source', label: 'Source' },
  { name: 'id', label: 'Event id' },
] as const;

function LookUp({ wanted, look }: LookUpProps) {
  const [typed, setTyped] = useState(wanted);
  const isHalf = Boolean(typed.source) !== Boolean(typed.id);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isHalf) look(trimmed(typed));
      }}
    >
      <Group align="flex-end" gap="xs">
        {FIELDS.map(({ name, label }) => (
          <TextInput
            key={name}
            label={label}
            maxLength={MOST_CHARACTERS}
            value={typed[name] ?? ''}
            onChange={({ currentTarget }) =>
              setTyped({ ...typed, [name]: currentTarget.value || undefined })
            }
          />
        ))}
        <Button type="submit" disabled={isHalf}>
          Look
        </Button>
      </Group>
      {isHalf && (
        <Text size="xs" className="tw-quiet" mt={4}>
          An event is found by its source and its id together.
        </Text>
      )}
    </form>
  );
}

/** Without the spaces around a name, and the names that are nothing else. */
function trimmed(typed: EventsSearch): EventsSearch {
  const named = FIELDS.map(({ name }) => [name, typed[name]?.trim() || undefined]);
  return { ...typed, ...Object.fromEntries(named) };
}

interface OneEventProps {
  readonly source: string;
  readonly id: string;
  readonly customer: string | undefined;
}

function OneEvent({ source, id, customer }: OneEventProps) {
  const found = useQuery(eventQuery(source, id, customer));
  if (found.error instanceof ApiProblem && found.error.status === 404) {
    return (
      <Empty
        title="No such event counts"
        next="It was not sent, is not folded yet, or is in quarantine: look at the system page."
        action={{ label: 'Look again', onClick: () => void found.refetch() }}
      />
    );
  }
  return (
    <Answered what="the event" query={found} scope="read">
      {({ data }) => data.map((event) => <EventCard key={event.customer} event={event} />)}
    </Answered>
  );
}
