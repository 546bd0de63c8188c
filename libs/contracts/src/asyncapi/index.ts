export { asyncApiDocument } from './asyncapi';
