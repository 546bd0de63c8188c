import './pipeline.css';
import { Group, Stack, Text } from '@mantine/core';
import { hasAll, type FoldState, type SystemState } from '../../api/system';
import { AnchorLink } from '../../ui/link';
import { counted, shortNumber } from '../../ui/figures';
import { span } from '../../ui/instants';
import { Quantity } from '../../ui/quantity';
import { gatewayState, isLate, type StageState } from './pipeline-state';

const FOLD_WORDS: Readonly<Record<string, { title: string; into: string }>> = {
  totals: { title: 'Totals', into: 'Postgres: what gates the next call' },
  warehouse: { title: 'Warehouse', into: 'ClickHouse: what reports and bills' },
  proofs: { title: 'Proofs', into: 'Postgres: what the two must agree on' },
};

/** The one log and its folds, as events take them, with rates and what is still on its way. */
export function Pipeline({ system }: { system: SystemState }) {
  const { log, folds, quarantine } = system;
  return (
    <Stack gap="sm">
      <div className="tw-pipeline">
        <Node title="HTTP" state={gatewayState(system)} about="Gateways take usage in">
          <Rate perSecond={log.perSecond} />
        </Node>
        <Along />
        <Node title="The log" state={gatewayState(system)} about="Append-only, 12 partitions">
          {log.end !== null && (
            <Text size="sm">
              <Quantity value={log.end} of="entries" /> entries
            </Text>
          )}
          {quarantine.last24h !== null && (
            <Text size="sm" c={quarantine.last24h > 0 ? 'red' : undefined}>
              <AnchorLink to="/project/system" size="sm" c="inherit">
                {counted(quarantine.last24h, 'entry', 'entries')} in quarantine, 24 h
              </AnchorLink>
            </Text>
          )}
        </Node>
        <Fork count={folds.length} />
        <div className="tw-pipeline-folds">
          {folds.map((fold) => (
            <Fold key={fold.name} fold={fold} />
          ))}
        </div>
      </div>
      <Text size="sm" className="tw-quiet">
        {summaryOf(system)}
      </Text>
    </Stack>
  );
}

function Fold({ fold }: { fold: FoldState }) {
  const { title, into } = FOLD_WORDS[fold.name] ?? { title: fold.name, into: '' };
  return (
    <Node title={title} about={into} state={isLate(fold) ? 'behind' : 'up'}>
      <Group gap="md">
        <Rate perSecond={fold.perSecond} />
        <Text size="sm">{behindWords(fold)}</Text>
      </Group>
    </Node>
  );
}

interface NodeProps {
  readonly title: string;
  readonly about: string;
  readonly state: StageState;
  readonly children: React.ReactNode;
}

const STATE_WORDS = { up: 'running', behind: 'behind', down: 'down' } as const;

function Node({ title, about, state, children }: NodeProps) {
  return (
    <div className="tw-pipeline-node" data-state={state}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text fw={600}>{title}</Text>
        <Text size="xs" className="tw-quiet">
          {STATE_WORDS[state]}
        </Text>
      </Group>
      <Text size="xs" className="tw-quiet">
        {about}
      </Text>
      {children}
    </div>
  );
}

function Rate({ perSecond }: { perSecond: number | null }) {
  if (perSecond === null) return null;
  return (
    <Text size="sm" className="tw-number" title={`${perSecond} events a second, last minute`}>
      {shortNumber(Math.round(perSecond * 10) / 10)} events/s
    </Text>
  );
}

function Along() {
  return (
    <>
      <svg className="tw-pipeline-arrow tw-pipeline-along" viewBox="0 0 48 40" aria-hidden>
        <path d="M4 20h34m-7-6 7 6-7 6" fill="none" stroke="currentColor" strokeWidth="2" />
      </svg>
      <Down />
    </>
  );
}

function Down() {
  return (
    <svg className="tw-pipeline-arrow tw-pipeline-down" viewBox="0 0 40 28" aria-hidden>
      <path d="M20 2v22m-6-7 6 7 6-7" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

const FORK_HEIGHT = 300;

/** One line to each fold: they read the same log, and nothing of each other. */
function Fork({ count }: { count: number }) {
  const ends = Array.from({ length: count }, (_, at) => ((at + 0.5) * FORK_HEIGHT) / count);
  return (
    <>
      <svg
        className="tw-pipeline-arrow tw-pipeline-along"
        viewBox={`0 0 64 ${FORK_HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden
      >
        {ends.map((y) => (
          <path
            key={y}
            d={`M4 ${FORK_HEIGHT / 2}C34 ${FORK_HEIGHT / 2} 30 ${y} 60 ${y}`}
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <Down />
    </>
  );
}

function behindWords(fold: FoldState): string {
  if (hasAll(fold)) return 'nothing behind';
  const { behind, lagSeconds } = fold;
  const lag = lagSeconds === null ? '' : `, ${span(lagSeconds * 1_000)} late`;
  return `${behind === null ? '' : `${shortNumber(behind)} `}behind${lag}`;
}

function summaryOf({ folds, quarantine }: SystemState): string {
  const late = folds.filter(isLate).map(({ name }) => FOLD_WORDS[name]?.title ?? name);
  const folding =
    late.length === 0 ? 'Every fold has come to the log’s end.' : `Behind: ${late.join(', ')}.`;
  const told = folds.length === 0 ? 'How far the folds are can not be told now.' : folding;
  return `${told} ${asideWords(quarantine.last24h)}`;
}

function asideWords(last24h: number | null): string {
  if (last24h === null) return 'What was set aside can not be told now.';
  if (last24h === 0) return 'Nothing was set aside in 24 hours.';
  return `${counted(last24h, 'entry was', 'entries were')} set aside in 24 hours.`;
}
