import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/**
 * Turns zod schemas into JSON Schema and collects those with an id as components, so that each
 * stands in the document once. `input`: as a client sends it; `output`: as we answer.
 */
export class SchemaComponents {
  readonly schemas: Record<string, JsonSchema> = {};

  constructor(private readonly at: string = '#/components/schemas/') {}

  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io }) as JsonSchema;
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
      this.keep(name, this.linked(definition));
    }
    return this.linked(own);
  }

  private keep(name: string, schema: JsonSchema): void {
    const known = this.schemas[name];
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`The schema id ${name} stands for two shapes`);
    }
    this.schemas[name] = schema;
  }

  private linked(schema: JsonSchema): JsonSchema {
    const text = JSON.stringify(schema);
    return JSON.parse(text, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', this.at) : value,
    ) as JsonSchema;
  }
}
