import { Stack } from '@mantine/core';
import { UNITS } from '@tallyward/domain';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { settingsQuery } from '../../api/project';
import { tiersQuery } from '../../api/tiers';
import { ButtonLink } from '../../ui/link';
import { Page } from '../../ui/page';
import { useMay } from '../../ui/session';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { Ladder } from './ladder';
import { ladderOf, unitsUsed } from './ladder-rows';
import { VersionTable } from './version-table';

const route = getRouteApi('/signed/tiers');

/** What can be sold: a ladder of limits across tiers, and each tier's versions. */
export function TiersPage() {
  const mayMake = useMay('admin');
  const tiers = useQuery(tiersQuery);
  const settings = useQuery(settingsQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Usage tiers"
      about="A tier is a named set of limits. A version freezes for good when a customer first has it."
      actions={mayMake && <ButtonLink to="/tiers/new">New tier</ButtonLink>}
    >
      <Answered what="usage tiers" query={tiers}>
        {(versions) => {
          const units = unitsUsed(versions, UNITS);
          const unit = units.find((used) => used === search.unit) ?? defaultOf(units);
          if (versions.length === 0 || !unit) {
            return (
              <Empty
                title="No limits yet"
                next="Make a tier: say how many calls and tokens of each model group it gives, and what happens then."
              >
                <ButtonLink to="/tiers/new">New tier</ButtonLink>
              </Empty>
            );
          }
          return (
            <Stack gap="lg">
              <Ladder
                ladder={ladderOf(versions, unit)}
                units={units}
                unit={unit}
                choose={(next) =>
                  void navigate({ search: (now) => ({ ...now, unit: next }), replace: true })
                }
              />
              <VersionTable versions={versions} standard={settings.data?.defaultTier} />
            </Stack>
          );
        }}
      </Answered>
    </Page>
  );
}

const defaultOf = (units: readonly (typeof UNITS)[number][]) =>
  units.includes('tokens') ? 'tokens' : units[0];
