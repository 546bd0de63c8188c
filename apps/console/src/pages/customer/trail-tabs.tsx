import { Box } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { AuditList } from '../project/audit-list';
import { Trail } from '../project/trail';

const route = getRouteApi('/signed/customers/$customer');

/** The customer's events, each with its place in the log and what it counted. */
export function CustomerEventsTab() {
  const { customer } = route.useParams();
  return (
    <Box mt="md">
      <Trail customer={customer} />
    </Box>
  );
}

/** What was changed of the customer: before and after, who, why. */
export function CustomerAuditTab() {
  const { customer } = route.useParams();
  return (
    <Box mt="md">
      <AuditList
        wanted={{ customer }}
        next="Changes of its tier, its limits and its settings stand here."
      />
    </Box>
  );
}
