import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { testbed } from '@tallyward/testing';
import { foldBed, rowsOf, type FoldBed } from '../../load-warehouse/fold-bed.builder';
import { formBatch, rowsIn } from '../../load-warehouse/form-batch';
import { loggedFacts } from '../../load-warehouse/logged-facts.builder';
import { USAGE_LOG } from '../../load-warehouse/usage-row';
import { insertSettings, insertStatement } from './row.insert';
import { USAGE_EVENTS } from './usage-events.table';

const PARTITION = partitionOf(partitionKey('demo', 'acme'), USAGE_PARTITIONS);
const RANGE = { topicIdentity: 'cluster/topic', partition: PARTITION, from: 0n, to: 3n };

let bed: FoldBed;
beforeAll(async () => {
  bed = await foldBed(await testbed());
});
afterAll(() => bed?.close());

/** The insert of the range, without its guard; `version` is all that tells its bytes apart. */
async function insertBlindly(catalogueVersion: number): Promise<void> {
  const given = ['a', 'b', 'c'].map((id) => ({ id, catalogueVersion }));
  const rows = rowsIn(formBatch(loggedFacts(PARTITION, given), USAGE_LOG.readRow));
  const statement = insertStatement(USAGE_EVENTS, RANGE, rows.join('\n'));
  const [guard, format] = [statement.indexOf('WHERE ('), statement.indexOf('FORMAT ')];
  const query = statement.slice(0, guard) + statement.slice(format);
  expect(query).not.toContain('NOT IN');
  await bed.clickhouse.command({ query, clickhouse_settings: insertSettings(RANGE) });
}

describe('an insert', () => {
  it('formed again with other bytes lands once under its token, though the guard were blind', async () => {
    for (const version of [1, 2]) await insertBlindly(version);
    const rows = await rowsOf(bed.clickhouse);
    expect(rows.map(({ event_id }) => event_id)).toEqual(['a', 'b', 'c']);
  });
});
