import { execFileSync } from 'node:child_process';
import { problemsOf, routerPath, ROUTES } from '../routes';
import { openApiDocument } from './openapi';

const document = openApiDocument('0.1.0');

/** The validator is an ES module, which Jest can't load: it runs in a process of its own. */
function validate(text: string): { valid: boolean; errors?: unknown } {
  const script = `
    import { Validator } from '@seriousme/openapi-schema-validator';
    let text = '';
    for await (const chunk of process.stdin) text += chunk;
    process.stdout.write(JSON.stringify(await new Validator().validate(JSON.parse(text))));`;
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    input: text,
    cwd: __dirname,
    timeout: 30_000,
    encoding: 'utf8',
  });
  return JSON.parse(answer) as { valid: boolean };
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', () => {
    expect(validate(JSON.stringify(document))).toMatchObject({ valid: true });
  });

  it('is checked by a validator that finds faults', () => {
    const broken = { ...document, paths: { '/v1/events': { post: { parameters: 'none' } } } };
    expect(validate(JSON.stringify(broken))).toMatchObject({ valid: false });
  });

  it('has every route of the table, once', () => {
    const paths = document['paths'] as Record<string, Record<string, { operationId: string }>>;
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(ROUTES.map((r) => `${r.method} ${r.path}`).sort());
    expect(new Set(ROUTES.map((route) => route.id)).size).toBe(ROUTES.length);
  });

  it('leaves no reference without its component', () => {
    const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const known = Object.keys(schemas).map((name) => `"$ref":"#/components/schemas/${name}"`);
    expect(references.length).toBeGreaterThan(0);
    expect([...new Set(references)].filter((each) => !known.includes(each))).toEqual([]);
  });
});

it('says of whatever takes an Idempotency-Key that it may be in progress, or used', () => {
  const taking = ROUTES.filter(({ headers }) => headers && 'idempotency-key' in headers.shape);
  expect(taking.map(({ method }) => method)).not.toContain('GET');
  expect(taking.length).toBeGreaterThan(10);
  for (const route of taking) {
    expect(problemsOf(route)).toEqual(
      expect.arrayContaining(['conflict', 'idempotency-key-reused', 'invalid']),
    );
  }
});

describe('the route table', () => {
  const examples = ROUTES.flatMap((route) =>
    [...Object.entries(route.body ?? {}), ...Object.entries(route.answer.contents)].flatMap(
      ([type, { schema, example }]) =>
        example === undefined ? [] : [{ route, type, schema, example }],
    ),
  );

  it.each(examples.map((each) => [`${each.route.id} ${each.type}`, each] as const))(
    'shows an example that its schema takes: %s',
    (_name, { schema, example }) => {
      expect(schema.safeParse(example)).toMatchObject({ success: true });
    },
  );

  it('shows an example of every body that a client sends', () => {
    const without = ROUTES.flatMap((route) =>
      Object.entries(route.body ?? {})
        .filter(([, { example }]) => example === undefined)
        .map(([type]) => `${route.id} ${type}`),
    );
    expect(without).toEqual([]);
  });

  it('names every parameter of a path, and no other', () => {
    for (const { path, params } of ROUTES) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(Object.keys(params?.shape ?? {})).toEqual(named);
    }
  });

  it('writes parameters as a router takes them', () => {
    expect(routerPath('/v1/events/{source}/{id}')).toBe('/v1/events/:source/:id');
  });
});
