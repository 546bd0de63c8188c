import fc from 'fast-check';
import { z } from 'zod';
import { MOST_PROBLEM_ERRORS, Problem, problemsFrom } from './problem';
import { jsonPointer, validate } from './validate';

test('a JSON pointer leads back to the place, whatever the names', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      const back = jsonPointer(path)
        .split('/')
        .slice(1)
        .map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'));
      expect(back).toEqual(path);
    }),
  );
});

test('faults in a query name their parameter, those in a list their place', () => {
  const query = validate(z.object({ from: z.iso.datetime() }), {}, 'query');
  expect(query).toMatchObject({
    ok: false,
    problem: { fields: { code: 'invalid', errors: [{ parameter: 'from' }] } },
  });
  const body = validate(z.array(z.object({ id: z.string() })), [{ id: 'a' }, { id: 1 }], 'body');
  expect(body).toMatchObject({
    ok: false,
    problem: { fields: { errors: [{ pointer: '/1/id' }] } },
  });
});

test('a good part is answered parsed', () => {
  const limit = z.object({ limit: z.coerce.number() });
  expect(validate(limit, { limit: '7' }, 'query')).toEqual({ ok: true, value: { limit: 7 } });
});

test('a problem of a table has its status and title, and a bounded list of errors', () => {
  const problem = problemsFrom({ 'too-late': [410, 'It is too late'] } as const);
  const errors = Array.from({ length: MOST_PROBLEM_ERRORS + 1 }, () => ({
    code: 'x',
    detail: 'x',
  }));
  const body = problem('too-late', { detail: 'By a day.', errors }).body('r-1');
  expect(body).toMatchObject({
    type: 'urn:tallyward:problem:too-late',
    status: 410,
    title: 'It is too late',
    requestId: 'r-1',
  });
  expect(body['errors']).toHaveLength(MOST_PROBLEM_ERRORS);
  expect(problem('too-late')).toBeInstanceOf(Problem);
});
