import type { ListedCustomer } from '../../api/customers';
import type { Page } from '../../api/every-page';

/** With whom it is asked for its week: the customers of its page of the list. */
export type CustomerRow = ListedCustomer & { readonly page: readonly string[] };

/** Rows are the same as long as their page is: what is drawn of them is not drawn again. */
const made = new WeakMap<Page<ListedCustomer>, readonly CustomerRow[]>();

export function rowsOf(page: Page<ListedCustomer>): readonly CustomerRow[] {
  const before = made.get(page);
  if (before) return before;
  const customers = page.data.map(({ customer }) => customer);
  const rows = page.data.map((listed) => ({ ...listed, page: customers }));
  made.set(page, rows);
  return rows;
}
