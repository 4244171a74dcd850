export { lazyObject } from './lazy-object.ts';
export { once } from './once.ts';
