export {
  type CompileEnv,
  compile,
  type DomainDocument,
  normalize,
  type Plan,
  readDomain,
} from './compile/index.ts';
export { type Diagnostic, type DiagnosticClass, EXIT_STATUS, QdomError } from './errors/index.ts';
export { type HostFacts, printArgv, type QemuCaps, type QemuOption } from './plan/index.ts';
