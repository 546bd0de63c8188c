import { Alert, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { settingsQuery } from '../../api/project';
import { tierQuery, tiersQuery, type ListedVersion } from '../../api/tiers';
import { counted } from '../../ui/figures';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { Page } from '../../ui/page';
import { Answered } from '../../ui/states/answered';
import { VersionState } from '../tiers/version-state';
import { CloneButton } from './clone-button';
import { DraftEditor } from './draft-editor';
import { LimitsPicture } from './limits-picture';
import { MakeDefault } from './make-default';
import { Migrate } from './migrate';
import { VersionDiff } from './version-diff';

const route = getRouteApi('/signed/tiers/$name/versions/$version');

/** One version of a tier: its limits, what may be done with it, what it changes. */
export function TierPage() {
  const { name, version } = route.useParams();
  const tier = useQuery(tierQuery(name, version));
  const settings = useQuery(settingsQuery);
  const all = useQuery(tiersQuery);
  const versions = all.data?.filter((other) => other.name === name) ?? [];
  const customers = versions.find((other) => other.version === version)?.customers ?? null;
  const standard = settings.data?.defaultTier;
  const isDefault = standard?.name === name && standard.version === version;
  return (
    <Page
      title={`${name}, version ${version}`}
      about={<AnchorLink to="/tiers">All usage tiers</AnchorLink>}
      actions={
        tier.data && (
          <>
            <VersionState state={tier.data.state} />
            <MakeDefault tier={{ name, version }} isDefault={isDefault} />
            <Migrate from={{ name, version }} />
            <CloneButton of={{ name, version }} />
          </>
        )
      }
    >
      <Answered what="the tier version" query={tier}>
        {(data) => (
          <Stack gap="lg">
            {data.state === 'frozen' ? (
              <>
                <LimitsPicture limits={data.limits} />
                <Frozen tier={data} customers={customers} />
              </>
            ) : (
              <DraftEditor key={`${name}@${version}`} tier={data} />
            )}
            <VersionDiff name={name} version={version} versions={versions} />
          </Stack>
        )}
      </Answered>
    </Page>
  );
}

/** Why this version can not be edited, and what to do instead. */
function Frozen({ tier, customers }: { tier: ListedVersion; customers: number | null }) {
  const { name, version, frozenAt } = tier;
  return (
    <Alert variant="light" color="gray" title="Read-only: a customer has had this version">
      {frozenAt && (
        <>
          It froze on <Instant at={frozenAt} />, when its first customer came.{' '}
        </>
      )}
      {customers !== null && (
        <>
          Now{' '}
          <AnchorLink to="/customers" search={{ tier: name, version }} size="sm" underline="always">
            {counted(customers, 'customer')}
          </AnchorLink>{' '}
          {customers === 1 ? 'is' : 'are'} on it.{' '}
        </>
      )}
      Nobody’s limits change behind their back: clone it into the next version, edit that, and
      migrate the customers when you mean to.
    </Alert>
  );
}
