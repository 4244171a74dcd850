export { chainRequirements } from './host.ts';
export { numberChain, type TopImage } from './image.ts';
export {
  type CacheMode,
  type ChainOptions,
  type Image,
  type ImageSource,
  writeCache,
} from './layer.ts';
export { type ChainNodes, chainNodes, detectZeroes } from './nodes.ts';
export { resolveSource } from './resolve-source.ts';
export { storageSourceSchema } from './source.ts';
export { validateChain } from './validate.ts';
