import { Anchor, Table } from '@mantine/core';
import { fullNumber } from '../figures';
import type { ChartProps } from './chart';
import classes from './chart.module.css';

/** The chart's rows, every number in full; a row is chosen as a bar is. */
export function ChartTable({ rows, series, xLabel, writeX, title, onChoose }: ChartProps) {
  return (
    <div className={classes.table} tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <Table stickyHeader verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{xLabel}</Table.Th>
            {series.map(({ key, label }) => (
              <Table.Th key={key} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={String(row.x)}>
              <Table.Td>
                {onChoose ? (
                  <Anchor component="button" type="button" size="sm" onClick={() => onChoose(row)}>
                    {writeX(row.x)}
                  </Anchor>
                ) : (
                  writeX(row.x)
                )}
              </Table.Td>
              {series.map(({ key }) => (
                <Table.Td key={key} ta="right" className="tw-number">
                  {typeof row[key] === 'number' ? fullNumber(row[key]) : '–'}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
