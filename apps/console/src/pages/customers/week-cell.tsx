import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { UsageWanted } from '../../api/usage';
import { usageOfQuery } from '../../api/usage-of';
import { shortNumber } from '../../ui/figures';
import { UNIT_WORDS } from '../../ui/unit-words';
import type { CustomerRow } from './rows';
import classes from './week-cell.module.css';
import { lineOf, sumsOf, unitOf, VIEW, weekWords } from './week';

/** The week that the list shows, for all of its rows. */
export const ShownWeek = createContext<UsageWanted | null>(null);

/** A customer's last seven days; asked for with all of its page, when one of them is drawn. */
export function WeekCell({ customer }: { customer: CustomerRow }) {
  const week = useContext(ShownWeek);
  return week && <Week customer={customer} week={week} />;
}

function Week({ customer, week }: { customer: CustomerRow; week: UsageWanted }) {
  const unit = unitOf(customer.limits);
  const { data, error } = useQuery({
    ...usageOfQuery(customer.page, week),
    select: (rows) => sumsOf(rows, customer.customer, unit),
  });
  if (!data) {
    const words = error ? 'The last 7 days can not be read' : 'The last 7 days are being read';
    return (
      <div className={classes.cell} role="img" aria-label={words} title={words}>
        {error ? '–' : ''}
      </div>
    );
  }
  const words = weekWords(data, unit, week);
  const sum = data.reduce((all, one) => all + one, 0);
  return (
    <div className={classes.cell} role="img" aria-label={words} title={words}>
      <svg viewBox={VIEW} preserveAspectRatio="none" aria-hidden>
        <polyline points={lineOf(data)} />
      </svg>
      <span className="tw-number" aria-hidden>
        {shortNumber(sum)} {UNIT_WORDS[unit]}
      </span>
    </div>
  );
}
