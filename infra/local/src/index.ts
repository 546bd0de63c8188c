export * from './engines';
export * from './postgres';
export * from './supervisor';
export * from './wait/until';
export { watchFolds, type Behind, type Folds } from './folds/behind';
export { servicePrograms, type Stack as LocalStack } from './start/services';
