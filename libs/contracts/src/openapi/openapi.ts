import { z } from 'zod';
import { CUSTOMER_TOKEN_PREFIX } from '../customer-tokens';
import { problem, PROBLEMS, type ProblemCode } from '../problems';
import { problemsOf, ROUTES, type BodyContent, type RouteDeclaration } from '../routes';
import { SESSION_COOKIE } from '../session';
import { type JsonSchema, SchemaComponents } from './schema-components';

const BY_KEY = [{ apiKey: [] }, { session: [] }];
const PROBLEM_TYPE = 'application/problem+json';

/** The OpenAPI 3.1 document of the public HTTP surface, from the route table. */
export function openApiDocument(version: string): JsonSchema {
  const components = new SchemaComponents();
  const paths: Record<string, JsonSchema> = {};
  for (const route of ROUTES) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Tallyward',
      version,
      description: 'Meters LLM usage and enforces what each customer may use.',
    },
    servers: [{ url: '/', description: 'The gateway that answered this document.' }],
    security: BY_KEY,
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, tw_<keyId>_<secret>. It belongs to one project.',
        },
        customerToken: {
          type: 'http',
          scheme: 'bearer',
          description: `A customer's token, ${CUSTOMER_TOKEN_PREFIX}…: reads what is its customer's.`,
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description: 'A browser that has signed in with an API key: POST /v1/session.',
        },
      },
    },
  };
}

function operation(route: RouteDeclaration, components: SchemaComponents): JsonSchema {
  const parameters = [
    ...parametersOf(route.params, 'path', components),
    ...parametersOf(route.query, 'query', components),
    ...parametersOf(route.headers, 'header', components),
  ];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    ...(route.access === 'open' ? { security: [] } : { 'x-tallyward-scope': route.access }),
    ...(route.ofCustomer ? { security: [...BY_KEY, { customerToken: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: !mayBeLeftOut(route.body),
            content: contents(route.body, 'input', components),
          },
        }
      : {}),
    responses: responses(route, components),
  };
}

function mayBeLeftOut(bodies: Readonly<Record<string, BodyContent>>): boolean {
  return Object.values(bodies).some(({ schema }) => schema.safeParse(undefined).success);
}

function parametersOf(
  shape: z.ZodObject | undefined,
  place: 'path' | 'query' | 'header',
  components: SchemaComponents,
): JsonSchema[] {
  if (!shape) return [];
  const { properties, required } = components.of(shape, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || (required?.includes(name) ?? false),
    schema,
  }));
}

function contents(
  bodies: Readonly<Record<string, BodyContent>>,
  io: 'input' | 'output',
  components: SchemaComponents,
): JsonSchema {
  return Object.fromEntries(
    Object.entries(bodies).map(([type, { schema, example }]) => [
      type,
      { schema: components.of(schema, io), ...(example === undefined ? {} : { example }) },
    ]),
  );
}

function responses(route: RouteDeclaration, components: SchemaComponents): JsonSchema {
  const { status, description, contents: bodies } = route.answer;
  const content = contents(bodies, 'output', components);
  const answers: JsonSchema = {
    [status]: { description, ...(Object.keys(content).length > 0 ? { content } : {}) },
  };
  for (const [code, problems] of byStatus(problemsOf(route))) {
    answers[code] = {
      description: problems.map((each) => `\`${each}\`: ${PROBLEMS[each][1]}.`).join(' '),
      content: { [PROBLEM_TYPE]: { schema: components.of(problem, 'output') } },
    };
  }
  return answers;
}

function byStatus(codes: readonly ProblemCode[]): [number, ProblemCode[]][] {
  const grouped = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const status = PROBLEMS[code][0];
    grouped.set(status, [...(grouped.get(status) ?? []), code]);
  }
  return [...grouped].sort(([a], [b]) => a - b);
}
