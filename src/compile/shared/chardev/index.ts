export * from './console-endpoint.ts';
export * from './emit.ts';
export * from './errors.ts';
export * from './model.ts';
export * from './resolve.ts';
export * from './schema.ts';
export * from './validate.ts';
