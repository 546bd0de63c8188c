import { useInfiniteQuery } from '@tanstack/react-query';
import { Paged } from '../../ui/paged';
import { Empty } from '../../ui/states/empty';
import { EventTable } from './event-table';
import { trailQuery } from './project-calls';

/** A customer's events as they come, newest first, each with its place in the log. */
export function Trail({ customer }: { customer: string }) {
  const trail = useInfiniteQuery(trailQuery(customer));
  return (
    <Paged
      what="events"
      query={trail}
      scope="read"
      empty={
        <Empty
          title={`No event of ${customer}`}
          next="Its events stand here within seconds of being sent, newest first."
        />
      }
    >
      {(rows) => <EventTable rows={rows} />}
    </Paged>
  );
}
