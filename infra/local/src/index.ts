export * from './engines';
export * from './supervisor';
