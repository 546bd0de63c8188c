export * from './environment';
export * from './fields';
export * from './service-environment';
