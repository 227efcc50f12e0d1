import type { Tool } from '../tool';
import { crane } from './crane';
import { ecrMirror } from './ecr-mirror';
import { ocync } from './ocync';
import { oras } from './oras';
import { regctl } from './regctl';
import { regsync } from './regsync';
import { skopeo } from './skopeo';

/** Every program that is compared, ours first. */
export const tools: readonly Tool[] = [ecrMirror, crane, skopeo, regctl, regsync, oras, ocync];
