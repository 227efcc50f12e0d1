/** An OCI registry in this process. */
export type { EcrRegistry } from './ecr';
export { Fault } from './fault';
export type * from './options';
export { type Interception, type RequestRecord, reads } from './requests';
export { type RunningRegistry, startRegistry } from './server';
export { findManifest, type RegistryState, type RepositoryState, type StoredManifest } from './state';
