import type { RegistryCode } from '../error-code';
import { BOTH, type ErrorEntry } from './entry';

export const REGISTRY_ERRORS: Readonly<Record<RegistryCode, ErrorEntry>> = {
  AUTH_REQUIRED: {
    meaning: 'A registry answered 401 or 403, and no credential of ours had a part in the request.',
    look: 'Registries also say this of names that do not exist. `ecr-mirror tags` with the repository shows whether it is there without a login.',
    remedy:
      'Check the name. For a private repository give a credential: `docker login` for the command line, `credentials` of the construct for a deployed mirror.',
    sides: BOTH,
    asks: ['denied'],
  },
  AUTH_DENIED: {
    meaning:
      'A registry answered 401 or 403 although a credential was used, or its token server refused the credential.',
    look: 'The message names the registry and what it said. Try the same credential by hand: `docker login`, then `ecr-mirror plan`.',
    remedy:
      'Renew the credential if it has expired, and give it the right to pull at a source, to push at a destination. Of Amazon ECR see the policy of the repository and of the role.',
    sides: BOTH,
    asks: ['denied'],
  },
  CREDENTIAL_UNAVAILABLE: {
    meaning: "A credential helper, or Docker's configuration file, did not give the credential that it should.",
    look: 'Run the helper that the message names by itself: `echo REGISTRY | docker-credential-NAME get`.',
    remedy: 'Install or unlock the helper, or name another one (or none) in `~/.docker/config.json`.',
    sides: BOTH,
    asks: ['denied', 'usage'],
  },
  IMAGE_MISSING: {
    meaning: 'A registry, or an image layout, has no image, tag or content of that name.',
    look: '`ecr-mirror tags` with the repository lists what is there.',
    remedy:
      'Correct the row, or remove it when the image is gone for good. What was mirrored before stays at the destination.',
    sides: BOTH,
    asks: ['usage'],
  },
  REPOSITORY_MISSING: {
    meaning: 'A registry has no repository of that name (NAME_UNKNOWN).',
    look: 'Compare the name with those that are there; Amazon ECR creates no repository by itself when something is pushed.',
    remedy:
      'At a source: correct the row. At a destination in Amazon ECR: declare the image in the construct, or cover its name by a repository creation template, or let the worker create it (`repositoryCreation`; `--create-repositories` on the command line).',
    sides: BOTH,
    asks: ['usage'],
  },
  TAG_IMMUTABLE: {
    meaning:
      'The tag at the destination is immutable and holds another image. The copy is a conflict; nothing was written over.',
    look: '`ecr-mirror status` shows both digests. Either the source has moved the tag, or somebody else pushed to the destination.',
    remedy:
      'Decide which image is right. To mirror beside it, `OnConflict: suffix` in the row; to let tags move, mutable tags for that repository; to keep what is there, a digest or another destination in the row.',
    sides: ['destination'],
    asks: ['usage'],
  },
  RATE_LIMITED: {
    meaning: 'A registry answered 429 until patience was at an end: it limits how much is asked of it.',
    look: 'Who else asks from the same address or account? `ecr-mirror plan` says how many pulls are left where a registry tells.',
    remedy:
      'The next run tries again. Use a credential (limits are higher with one), fewer rows at once (`Every`), or ask for a higher quota.',
    sides: BOTH,
    asks: ['unavailable'],
  },
  PULLS_EXHAUSTED: {
    meaning:
      'The source counts pulls, and none is left but those that are kept for others. Nothing went wrong: the copy is put off.',
    look: 'The message says until when. `ecr-mirror plan` shows limit, rest and what the rows need.',
    remedy: 'Wait, or log in, or pay for more pulls at the source; narrower tags and platforms take fewer.',
    sides: ['source'],
    asks: ['put-off'],
  },
  REGISTRY_FAILED: {
    meaning: 'A registry answered with a fault of its own (5xx), or opened an upload without saying where.',
    look: "The message has the registry's own words. Its status page may say more.",
    remedy: 'Wait: the next run tries again. When only one image fails so, tell the operator of the registry.',
    sides: BOTH,
    asks: ['unavailable'],
  },
  REQUEST_REFUSED: {
    meaning:
      'A registry understood the request and does not want it (another 4xx): it does not do that, or not with this image.',
    look: "The message has the registry's code and words; its documentation says what it takes.",
    remedy:
      'Of a referrer (405): `Referrers: false` in the row. Of a name or tag: another one that the registry allows. Of a manifest: one of a type that it takes.',
    sides: BOTH,
    asks: ['usage'],
  },
  TRANSFER_INTERRUPTED: {
    meaning:
      'An upload lost its session, or its token ran out under way, or the place that a download was redirected to refused it.',
    look: 'Does it happen at the same size or after the same time? A proxy or a time limit on the way is the usual reason.',
    remedy: 'The next run goes on where this one ended: what has arrived is not sent again.',
    sides: BOTH,
    asks: ['unavailable'],
  },
  ANSWER_UNUSABLE: {
    meaning:
      'Something answered that does not speak as a registry does: no list, no token, redirects in a circle, headers without end.',
    look: 'Ask it by hand: `curl -i https://REGISTRY/v2/`. A login page of a proxy is the usual reason.',
    remedy: 'Correct the name of the registry, or have the proxy let requests to it pass.',
    sides: BOTH,
    asks: ['usage', 'unavailable'],
  },
};
