// What leaves as a file: whole or broken off, the caller's own, bounded.
const at = (file) => `apps/aggregator/src/exports/${file}`;
const exported = (name) => ({
  project: 'integration',
  path: at('exports.int.spec.ts'),
  name,
});
const streamed = (name) => ({
  project: 'unit',
  path: at('exports.service.spec.ts'),
  name,
});

export const ANALYSTS = [
  {
    name: 'export-whole-or-broken',
    keeps: 'I5',
    file: at('exports.service.ts'),
    find: 'pipeline(rows, text, (error) => {',
    put:
      "rows.once('error', () => text.end()).pipe(text); " +
      'void ((error: NodeJS.ErrnoException | undefined) => {',
    test: streamed('an export that breaks off ends with an error, is told, and frees its place'),
    red: 'Received promise resolved instead of rejected',
  },
  {
    name: 'export-at-its-readers-pace',
    keeps: 'I10',
    file: at('export-text.ts'),
    find: 'writableHighWaterMark: 1,',
    put: 'writableHighWaterMark: 1_000_000,',
    test: streamed('an export takes no more rows than its reader has room for'),
    red: 'toBeLessThan(expected)',
  },
  {
    name: 'export-places-of-a-project',
    keeps: 'I10',
    file: at('export-places.ts'),
    find: 'own >= MOST_EXPORTS_OF_A_PROJECT || ',
    put: '',
    test: streamed('exports at once are bounded, in all and of one project; a place is freed once'),
    red: '-   false,\n+   true,',
  },
  {
    name: 'export-own-project',
    keeps: 'I11',
    file: at('event-export.ts'),
    find: '`${row}.project = {project:String}',
    put: "`{project:String} != ''",
    test: exported('exports of events hold the project of the caller alone, and say as of when'),
    red: '"theirs"',
  },
  {
    name: 'export-end-is-seen',
    keeps: 'I5',
    file: 'apps/gateway/src/proxy/pass-through.ts',
    find: "if (raw.httpVersion !== '1.0') return undefined;",
    put: 'if (raw.httpVersion) return undefined;',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/proxy/proxy.spec.ts',
      name:
        'a request that a service behind owns is no export over HTTP/1.0, ' +
        'where a part of it looks like the whole',
    },
    red: 'Expected pattern: / 400 ',
  },
  {
    name: 'forward-at-its-readers-pace',
    keeps: 'I10',
    file: 'libs/platform/src/http/forward.ts',
    find: 'await pipeline(answer, response, { signal: silence.signal });',
    put:
      'silence.signal.throwIfAborted(); void pipeline; ' +
      'for await (const part of answer) response.write(part); response.end();',
    test: {
      project: 'unit',
      path: 'libs/platform/src/http/forward.spec.ts',
      name: 'the answer is taken no faster than its client reads',
    },
    red: 'toBeLessThan(expected)',
  },
  {
    name: 'export-half-open',
    keeps: 'I5, I7',
    file: at('event-export.ts'),
    find: "${row}.time < ${boundInstant('to')}",
    put: "${row}.time <= ${boundInstant('to')}",
    test: exported(
      'exports of events sum up to what the report, the API and SQL say, to the digit, for any events',
    ),
    red: 'Property failed after',
  },
  {
    name: 'focus-own-project',
    keeps: 'I11',
    file: at('focus-export.ts'),
    find: 'WHERE line.project = {project:String}',
    put: "WHERE {project:String} != ''",
    test: exported(
      'the FOCUS export has a row for each line at its latest revision, in FOCUS’ columns',
    ),
    red: '"BillingAccountId": "other"',
  },
];
