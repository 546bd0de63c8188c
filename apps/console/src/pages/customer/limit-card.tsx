import { Badge, Group, Text, UnstyledButton } from '@mantine/core';
import type { LimitState, TierLimit } from '@tallyward/contracts';
import { fullness } from '../../ui/colours';
import { fullNumber, percent } from '../../ui/figures';
import { exactly, span } from '../../ui/instants';
import { LimitBar } from '../../ui/limit-bar';
import { Quantity } from '../../ui/quantity';
import { UNIT_WORDS } from '../../ui/unit-words';
import { groupWords, ON_LIMIT_WORDS, replenishmentWords, windowWords } from '../../ui/words';
import { elapsedOf, spanOf } from './burn-up';
import classes from './limits-tab.module.css';

interface LimitCardProps {
  readonly limit: LimitState;
  /** The limit as its tier has it; undefined: not known yet, or not for this key to read. */
  readonly rule: TierLimit | undefined;
  readonly asOf: string;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

/** One limit: used, held, left, against the time left in its window. A click draws its burn-up. */
export function LimitCard({ limit, rule, asOf, isChosen, choose }: LimitCardProps) {
  const { used, held, remaining, amount, unit } = limit;
  const window = spanOf(limit);
  const elapsed = window && elapsedOf(window, Date.parse(asOf));
  return (
    <UnstyledButton
      className={classes.card}
      data-chosen={isChosen || undefined}
      aria-pressed={isChosen}
      onClick={choose}
    >
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs" mb={8}>
        <div>
          <Text size="sm" fw={600}>
            {groupWords(limit.modelGroup)} {UNIT_WORDS[unit]}
          </Text>
          <Text size="xs" className="tw-quiet">
            {windowWords(limit.window)}
            {limit.scope === 'customer' ? '' : ` · ${limit.scope} ${limit.scopeValue}`}
          </Text>
        </div>
        <State limit={limit} />
      </Group>
      <LimitBar limit={limit} elapsed={elapsed} />
      <dl className={classes.figures}>
        <Figure name="used" value={used} of={unit} />
        <Figure name="in use by calls" value={held} of={unit} />
        {limit.onLimit === 'allow' && limit.overage > 0 ? (
          <Figure name={`over its ${fullNumber(amount)}`} value={limit.overage} of={unit} />
        ) : (
          <Figure name={`left of ${fullNumber(amount)}`} value={remaining} of={unit} />
        )}
      </dl>
      <Text size="xs" className="tw-quiet" mt={6}>
        {resetWords(limit, asOf)}
      </Text>
      {rule && (
        <Text size="xs" className="tw-quiet">
          Replenishment: {replenishmentWords(rule)}
        </Text>
      )}
      <Excess limit={limit} />
    </UnstyledButton>
  );
}

function Figure({ name, value, of }: { name: string; value: number; of: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Quantity value={value} of={of} />
      </dd>
    </div>
  );
}

const STATE = {
  fine: { colour: 'indigo', word: '' },
  near: { colour: 'orange', word: 'near' },
  over: { colour: 'pink', word: 'used up' },
  off: { colour: 'gray', word: 'off' },
} as const;

function State({ limit }: { limit: LimitState }) {
  const full = fullness(limit);
  const isOverage = full === 'over' && limit.onLimit === 'allow';
  const word = isOverage ? 'overage' : STATE[full].word;
  const share = percent(limit.used, limit.amount);
  return (
    <Badge variant="light" color={STATE[full].colour} tt="none" style={{ flexShrink: 0 }}>
      {full === 'off' ? word : `${share}${word ? ` · ${word}` : ''}`}
    </Badge>
  );
}

/** When it starts anew, in the limit's own zone, and what share of the window has gone by. */
function resetWords(limit: LimitState, asOf: string): string {
  const window = spanOf(limit);
  const then = ON_LIMIT_WORDS[limit.onLimit].toLowerCase();
  if (!window) {
    const when = limit.window === 'lifetime' ? 'Never starts anew' : 'Opens with its next use';
    return `${when} · at the end: ${then}`;
  }
  const now = Date.parse(asOf);
  const left = span(Math.max(0, window.to - now));
  const gone = percent(now - window.from, window.to - window.from);
  return `Starts anew in ${left} (${exactly(window.to, limit.timeZone)}) · ${gone} of the time is gone · at the end: ${then}`;
}

function Excess({ limit }: { limit: LimitState }) {
  const { overage, overrun, unit } = limit;
  if (overage === 0 && overrun === 0) return null;
  return (
    <Text size="xs" mt={4}>
      {overage > 0 && `${fullNumber(overage)} ${UNIT_WORDS[unit]} of overage in this window. `}
      {overrun > 0 &&
        `${fullNumber(overrun)} ${UNIT_WORDS[unit]} passed it: reported without a decision, or beyond what it held.`}
    </Text>
  );
}
