export { openApiDocument } from './openapi';
export { type JsonSchema, SchemaComponents } from './schema-components';
