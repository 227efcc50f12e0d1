import type { NetworkCode } from '../error-code';
import { BOTH, type ErrorEntry } from './entry';

export const NETWORK_ERRORS: Readonly<Record<NetworkCode, ErrorEntry>> = {
  HOST_UNKNOWN: {
    meaning: 'No host of that name could be found.',
    look: '`getent hosts NAME` from where the mirror runs. In a VPC: does it have DNS, and the endpoints of a private registry?',
    remedy: 'Correct the name of the registry in the row, or the resolver.',
    sides: BOTH,
    asks: ['unavailable'],
  },
  UNREACHABLE: {
    meaning: 'A host did not take a connection, broke it off, or fell silent, each time that it was tried.',
    look: 'From the same network: `curl -v https://REGISTRY/v2/`. Security groups, routes, NAT and proxies (`HTTPS_PROXY`) decide.',
    remedy: 'Open the way to the host and port, or give the worker subnets that have one.',
    sides: BOTH,
    asks: ['unavailable', 'usage'],
  },
  CERTIFICATE_UNTRUSTED: {
    meaning:
      'A host speaks TLS with a certificate that is not trusted: of an unknown authority, for another name, or expired.',
    look: '`openssl s_client -connect HOST:443 -servername HOST` shows who issued it. A proxy that opens TLS issues its own.',
    remedy:
      'Name the authority that issued it (`--ca`, or `NODE_EXTRA_CA_CERTS`), or have the host renew its certificate.',
    sides: BOTH,
    asks: ['denied'],
  },
  TLS_MISSING: {
    meaning: 'A host does not speak TLS, and registries are spoken to by https.',
    look: '`curl -v http://HOST/v2/` shows whether it speaks plain http.',
    remedy: 'Have it speak TLS; or, where plain http is meant, name it so: `--plain-http HOST`.',
    sides: BOTH,
    asks: ['usage'],
  },
  ADDRESS_REFUSED: {
    meaning:
      'A host is at an address that is not connected to: metadata and link-local ones never, private ones only when named.',
    look: 'The message has the address. Is it where that name should lead?',
    remedy:
      'Where a private registry is meant: `--private-hosts HOST`. A row cannot name one, and a deployed mirror connects to none: let `ecr-mirror serve` mirror from where the registry is.',
    sides: BOTH,
    asks: ['denied'],
  },
  PLAIN_HTTP_REFUSED: {
    meaning: 'Something would have to be sent by plain http, or by no http at all, to a host that is not named for it.',
    look: 'The message names the address; it may come from a redirect, a list of pages or an upload of the registry.',
    remedy: 'Have the registry speak https, or name the host: `--plain-http HOST`.',
    sides: BOTH,
    asks: ['denied'],
  },
  REDIRECT_REFUSED: {
    meaning:
      'A registry passes on to a place that must not be followed, or asks for a token at one that must not see the credential.',
    look: 'The message names both places. A registry behind a proxy that is told another scheme or host than its own does this.',
    remedy: "Correct the registry's own address (its external URL), so that what it says of itself is https and true.",
    sides: BOTH,
    asks: ['denied'],
  },
};
