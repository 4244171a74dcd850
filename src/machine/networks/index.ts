export { destroyNetwork, reapNetworks, startNetwork, unfinishedNetworks } from './active.ts';
export { networkFiles } from './files.ts';
export {
  activeNetworks,
  definedNetworks,
  defineNetwork,
  type NetworkDefinition,
  readNetworkDefinition,
  undefineNetwork,
} from './registry.ts';
