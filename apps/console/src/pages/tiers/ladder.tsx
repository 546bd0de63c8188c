import { Group, Paper, SegmentedControl, Text, Title } from '@mantine/core';
import type { TierLimit } from '@tallyward/contracts';
import type { Unit } from '@tallyward/domain';
import { OUTCOME_COLOUR } from '../../ui/colours';
import { AnchorLink } from '../../ui/link';
import { Quantity } from '../../ui/quantity';
import { UNIT_WORDS } from '../../ui/unit-words';
import { groupWords, onLimitWords, windowWords } from '../../ui/words';
import classes from './ladder.module.css';
import { share, type Ladder as LadderShape } from './ladder-rows';

interface LadderProps {
  readonly ladder: LadderShape;
  readonly units: readonly Unit[];
  readonly unit: Unit;
  readonly choose: (unit: Unit) => void;
}

/** What each tier gives of one unit, from the least to the most, side by side. */
export function Ladder({ ladder, units, unit, choose }: LadderProps) {
  const { tiers, rungs, most } = ladder;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          What each tier gives
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Unit"
          value={unit}
          onChange={(value) => choose(value as Unit)}
          data={units.map((value) => ({ value, label: UNIT_WORDS[value] }))}
        />
      </Group>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Ladder of limits">
        <table className={classes.ladder}>
          <thead>
            <tr>
              <th scope="col">{UNIT_WORDS[unit]}</th>
              {tiers.map(({ name, version }) => (
                <th scope="col" key={name}>
                  <AnchorLink
                    to="/tiers/$name/versions/$version"
                    params={{ name, version }}
                    fw={600}
                    size="sm"
                  >
                    {name}
                  </AnchorLink>
                  <div className={classes.then}>version {version}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rungs.map(({ id, limit, cells, off }) => (
              <tr key={id}>
                <th scope="row">
                  {groupWords(limit.modelGroup)}
                  <div className={classes.then}>
                    {windowWords(limit.window)}
                    {limit.scope === 'customer' ? '' : ` per ${limit.scope}`}
                  </div>
                </th>
                {cells.map((cell, at) => (
                  <td key={tiers[at]?.name}>
                    <Rung cell={cell} most={most} isOff={off[at] ?? false} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="xs" className="tw-quiet" mt="xs">
        Each tier by the version that most of its customers have. Each tenfold makes a bar as much
        longer; its colour says what happens to a call that does not fit.
      </Text>
    </Paper>
  );
}

interface RungProps {
  readonly cell: TierLimit | null;
  readonly most: number;
  readonly isOff: boolean;
}

function Rung({ cell, most, isOff }: RungProps) {
  if (!cell) {
    return <span className={classes.then}>{isOff ? 'Switched off' : 'no limit of its own'}</span>;
  }
  const width = `${(share(cell.amount, most) * 100).toFixed(1)}%`;
  return (
    <>
      <span className={classes.amount}>
        {cell.amount === 0 ? 'none' : <Quantity value={cell.amount} />}
      </span>
      <div className={classes.track} aria-hidden>
        <span className={classes.bar} style={{ width, background: OUTCOME_COLOUR[cell.onLimit] }} />
      </div>
      <span className={classes.then}>
        {cell.amount === 0 && cell.onLimit === 'block' ? 'Switched off' : onLimitWords(cell)}
      </span>
    </>
  );
}
