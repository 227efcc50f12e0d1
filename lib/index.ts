export type { AccountRole } from './account-role';
export { EcrMirror } from './ecr-mirror';
export type { EcrMirrorProps, OutwardMirroring } from './ecr-mirror-props';
export type { KeepLast } from './lifecycle';
export type { MirrorRepositoryProps, RepositorySettings } from './mirror-repository';
export { MirrorRepository } from './mirror-repository';
export type { MirroredImage, RegistryMapping } from './mirrored-image';
export { CredentialDirection, RegistryCredentials } from './registry-credentials';
export { TagSelection } from './tag-selection';
