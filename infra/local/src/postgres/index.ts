export { postgresEngine } from './engine';
export * from './sql';
