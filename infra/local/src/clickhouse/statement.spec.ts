import { readStatement } from './statement';
import { queryOf } from './sql-of';
import { tokensOf } from './tokens';

const words = (sql: string): string[] => [...tokensOf(sql)].map((t) => `${t.kind}:${t.text}`);

describe('SQL is cut as ClickHouse cuts it', () => {
  it.each([
    ['SELECT 1', ['word:SELECT', 'number:1']],
    ['a -- b\n c', ['word:a', 'word:c']],
    ['a // b\n c', ['word:a', 'word:c']],
    ['a # b\n c', ['word:a', 'word:c']],
    ['a /* b /* c */ d */ e', ['word:a', 'word:e']],
    [`'it''s' 'it\\'s'`, [`string:it''s`, `string:it\\'s`]],
    ['`a``b` "c\\"d"', ['quoted:a``b', 'quoted:c\\"d']],
    ["$x$ '; -- $x$ y", ["string: '; -- ", 'word:y']],
    ['$$a$$', ['string:a']],
    ['$x$ open', ['sign:$', 'word:x$', 'word:open']],
    ['‘a’ “b”', ['string:a', 'quoted:b']],
    ['x\u00a0y', ['word:x', 'word:y']],
    ["'open", ["broken:'"]],
  ])('%s', (sql, cut) => expect(words(sql)).toEqual(cut));
});

describe('how a statement runs is read from its text', () => {
  const rows = (outfileAt: number, format?: string): unknown => ({
    kind: 'rows',
    outfileAt,
    format,
  });
  it.each([
    ['SELECT 1', rows(8)],
    ['SELECT 1; ', rows(8)],
    ['SELECT 1 -- x', rows(8)],
    ['SELECT 1 FORMAT JSON', rows(9, 'JSON')],
    ['SELECT 1 FORMAT JSON SETTINGS a = 1', rows(9, 'JSON')],
    ['SELECT 1 SETTINGS a = 1', rows(23)],
    ['SELECT 1 SETTINGS a = 1 FORMAT CSV', rows(24, 'CSV')],
    ['SELECT 1 AS format', rows(18)],
    ['SELECT t.format x FROM t', rows(24)],
    ["SELECT * FROM format(CSV, 'a String', 'x')", rows(42)],
    ['(SELECT 1) UNION ALL (SELECT 2)', rows(31)],
    ['with x as (select 1) select * from x', rows(36)],
  ])('%s', (sql, statement) => expect(readStatement(sql)).toEqual(statement));

  const insert = (dataAt: number | undefined, clauseAt: number, values = false): unknown => ({
    kind: 'insert',
    dataAt,
    clauseAt,
    values,
  });
  it.each([
    ['INSERT INTO t VALUES (1)', insert(20, 14, true)],
    ['INSERT INTO values VALUES (1)', insert(25, 19, true)],
    ['INSERT INTO db.values (a, b) VALUES (1)', insert(35, 29, true)],
    ['insert t values (1)', insert(15, 9, true)],
    ['INSERT INTO TABLE t FORMAT CSV\n1', insert(30, 20)],
    ['INSERT INTO format FORMAT CSV\n1', insert(29, 19)],
    ['INSERT INTO t SETTINGS a = 1 FORMAT CSV 1', insert(39, 14)],
    ['INSERT INTO t (format) FORMAT CSV 1', insert(33, 23)],
    ["INSERT INTO FUNCTION null('a Int8') VALUES (1)", insert(42, 36, true)],
    ['INSERT INTO t SELECT 1', insert(undefined, 22)],
    ["INSERT INTO t SELECT * FROM format(CSV, 'a Int8', $x$; -- $x$)", insert(undefined, 62)],
  ])('%s', (sql, statement) => expect(readStatement(sql)).toEqual(statement));

  const selecting = (dataAt: number, clauseAt: number, from: number, to: number): unknown => ({
    ...(insert(dataAt, clauseAt) as object),
    input: { from, to, schema: "'a Int8'" },
  });
  it.each([
    ["INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV\n1", selecting(54, 44, 28, 43)],
    [
      "INSERT INTO t SELECT a FROM INPUT ( 'a Int8' ) SETTINGS a=1 FORMAT CSV 1",
      selecting(70, 60, 28, 46),
    ],
    [
      "INSERT INTO t SELECT a FROM (SELECT a FROM input('a Int8')) FORMAT CSV 1",
      selecting(70, 60, 43, 58),
    ],
  ])('%s', (sql, statement) => expect(readStatement(sql)).toEqual(statement));

  it.each([
    ["INSERT INTO t SELECT * FROM input('a Int8')", /FORMAT must be specified/],
    ['INSERT INTO t SELECT * FROM input(a) FORMAT CSV 1', /one literal/],
    ["INSERT INTO t SELECT 1 FROM input('a Int8') x, input('a Int8') y FORMAT CSV 1", /once/],
  ])('%s is refused', (sql, message) => expect(() => readStatement(sql)).toThrow(message));

  it.each(['', '  -- nothing', 'nonsense 1', 'SELECT 1; SELECT 2', 'exit', '\\d'])(
    'refuses %p as a syntax error',
    (sql) => expect(() => readStatement(sql)).toThrow(/Syntax error/),
  );
});

describe('the rows of an insert are bytes, wherever they stand', () => {
  const bytes = Buffer.from([0, 0xff, 0x27, 0x3b, 0x0a]);
  it.each([
    ['', Buffer.concat([Buffer.from('INSERT INTO t FORMAT RowBinary\n'), bytes])],
    ['', Buffer.concat([Buffer.from('INSERT INTO `é` FORMAT RowBinary \n'), bytes])],
    ['INSERT INTO t FORMAT RowBinary', bytes],
    ["INSERT INTO t SELECT * FROM input('a Int8') FORMAT RowBinary", bytes],
  ])('%p', (parameter, body) => {
    expect(queryOf(parameter, body).data.equals(bytes)).toBe(true);
  });
  it('a body that is too long to be looked through for INSERT is a query', () => {
    expect(queryOf('', Buffer.from('SELECT 1')).sql).toBe('SELECT 1');
  });
});
