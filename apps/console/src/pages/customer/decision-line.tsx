import { Badge, Box, Group, Table, Text } from '@mantine/core';
import type { DecisionReason, DecisionRecorded, LimitState } from '@tallyward/contracts';
import { OUTCOME_COLOUR } from '../../ui/colours';
import { fullNumber } from '../../ui/figures';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { limitWords, ON_LIMIT_WORDS, OUTCOME_WORDS } from '../../ui/words';

/** A plain allow is in no decision log: an allow that is listed passed a limit. */
export const LISTED_WORDS = { ...OUTCOME_WORDS, allow: 'Overage' };

const REASON_WORDS: Readonly<Record<DecisionReason, string>> = {
  'used-up': 'what the limit gives was used',
  held: 'running calls held what was left; some of it could come back',
  rate: 'too much for the limit’s window',
  'per-request': 'the call was larger than the limit ever is',
  'unknown-model': 'nobody registered the model',
  disabled: 'the limit is 0, or the customer is switched off',
  degraded: 'it could not be decided: the project’s setting answered',
};

/** One decision: what was asked, what was answered, and the limits that stood in the way. */
export function DecisionLine({ decision }: { decision: DecisionRecorded }) {
  const { outcome, reason, message, tier, retryAt, decidedAt, limits } = decision;
  const inTheWay = limits.filter(({ exceeded }) => exceeded);
  return (
    <Box component="li" py="sm" style={{ borderBottom: '1px solid var(--tw-grid)' }}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Badge variant="dot" color={OUTCOME_COLOUR[outcome]} tt="none">
            {LISTED_WORDS[outcome]}
          </Badge>
          <Text size="sm">
            <Models decision={decision} />
            {reason ? `: ${REASON_WORDS[reason]}` : ''}
          </Text>
        </Group>
        <Text size="sm" className="tw-quiet">
          <Instant at={decidedAt} />
        </Text>
      </Group>
      <Text size="xs" className="tw-quiet" mt={4}>
        {asked(decision)}
        {tier && (
          <>
            {' · '}
            <AnchorLink
              to="/tiers/$name/versions/$version"
              params={{ name: tier.name, version: tier.version }}
              size="xs"
            >
              {tier.name}, version {tier.version}
            </AnchorLink>
          </>
        )}
        {retryAt && (
          <>
            {' · again from '}
            <Instant at={retryAt} />
          </>
        )}
      </Text>
      {message && <Text size="sm" mt={4}>{`“${message}”`}</Text>}
      {inTheWay.length > 0 && <InTheWay limits={inTheWay} />}
    </Box>
  );
}

function Models({ decision }: { decision: DecisionRecorded }) {
  const { outcome, requestedModel, requestedGroup, model, modelGroup } = decision;
  const asked = `${requestedModel} (${requestedGroup})`;
  return outcome === 'restrict' ? `${asked} → ${model} (${modelGroup})` : asked;
}

/** What the call was to use, and on whose behalf. */
function asked({ estimate, workspace, user, role }: DecisionRecorded): string {
  const { inputTokens, maxOutputTokens } = estimate;
  const who = [
    ...(workspace ? [`workspace ${workspace}`] : []),
    ...(user ? [`user ${user}`] : []),
    ...(role ? [`role ${role}`] : []),
  ];
  const most = `${fullNumber(inputTokens)} input and at most ${fullNumber(maxOutputTokens)} output tokens`;
  return [`asked for ${most}`, ...who].join(' · ');
}

function InTheWay({ limits }: { limits: readonly LimitState[] }) {
  return (
    <Table.ScrollContainer minWidth={560} mt={4} type="native" tabIndex={0}>
      <Table fz="xs" verticalSpacing={2} aria-label="Limits that stood in the way">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Limit</Table.Th>
            <Table.Th ta="right">Used</Table.Th>
            <Table.Th ta="right">In use by calls</Table.Th>
            <Table.Th ta="right">Left</Table.Th>
            <Table.Th ta="right">Of</Table.Th>
            <Table.Th>At the end</Table.Th>
            <Table.Th>Starts anew</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {limits.map((limit) => (
            <Table.Tr key={`${limitWords(limit)} ${limit.scopeValue}`}>
              <Table.Td>{limitWords(limit)}</Table.Td>
              <Amount value={limit.used} />
              <Amount value={limit.held} />
              <Amount value={limit.remaining} />
              <Amount value={limit.amount} />
              <Table.Td>{ON_LIMIT_WORDS[limit.onLimit]}</Table.Td>
              <Table.Td>{limit.resetAt ? <Instant at={limit.resetAt} /> : 'never'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Amount({ value }: { value: number }) {
  return (
    <Table.Td ta="right" className="tw-number">
      {fullNumber(value)}
    </Table.Td>
  );
}
