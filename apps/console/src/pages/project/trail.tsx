import type { EventsOf } from '@tallyward/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Paged } from '../../ui/paged';
import { Empty } from '../../ui/states/empty';
import { EventTable } from './event-table';
import { trailQuery } from './project-calls';

/** Events as they come, newest first, each with its place in the log; one customer's, or all. */
export function Trail({ customer, of }: { customer?: string; of?: EventsOf }) {
  const trail = useInfiniteQuery(trailQuery(customer, of));
  return (
    <Paged
      what="events"
      query={trail}
      scope="read"
      empty={
        <Empty
          title={
            of ? 'No such event' : customer ? `No event of ${customer}` : 'No event in 35 days'
          }
          next="Send usage with POST /v1/events, or settle a hold: events stand here within seconds, newest first."
        />
      }
    >
      {(rows) => <EventTable rows={rows} isOfAll={customer === undefined} />}
    </Paged>
  );
}
