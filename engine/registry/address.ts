import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * What an IP address is to a mirror that connects where registries tell it to. `forbidden`: metadata services, link-local
 * and what no registry can have; refused always. `private`: loopback and networks of one's own; only where settings name them.
 */
export type AddressKind = 'public' | 'private' | 'forbidden';

/** Anything that is no IP address is `forbidden`. An IPv6 address that carries an IPv4 address is judged by that one. */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) === 0) return 'forbidden';
  if (isIPv4(bare)) return inLists(bare, 'ipv4');
  const words = ipv6Words(bare);
  const carried = carriedIPv4(words);
  return carried === undefined ? inLists(bare, 'ipv6') : inLists(carried, 'ipv4');
}

function inLists(address: string, family: 'ipv4' | 'ipv6'): AddressKind {
  if (FORBIDDEN.check(address, family)) return 'forbidden';
  return PRIVATE.check(address, family) ? 'private' : 'public';
}

const FORBIDDEN = blockList(
  '0.0.0.0/8',
  '100.100.100.200/32', // metadata at Alibaba Cloud
  '168.63.129.16/32', // the host of an Azure machine
  '169.254.0.0/16', // link-local: metadata of EC2, ECS (.170.2) and EKS (.170.23)
  '192.0.0.0/24', // protocol assignments; metadata at Oracle Cloud
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '100::/64',
  '64:ff9b:1::/48', // NAT64 with a local prefix: what it carries cannot be told
  '2001::/32', // Teredo
  'fd00:ec2::/32', // EC2's own services: metadata, EKS credentials
  'fd20:ce::/32', // metadata at Google Cloud
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
);

const PRIVATE = blockList(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::1/128',
  '2001:db8::/32',
  'fc00::/7',
);

function blockList(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** IPv4-mapped, IPv4-compatible, NAT64 (RFC 6052) and 6to4 addresses lead to the IPv4 address inside them. */
function carriedIPv4(words: readonly number[]): string | undefined {
  const last = dotted(words[6], words[7]);
  const leading = words.slice(0, 6).map((word) => word.toString(16));
  switch (leading.join(':')) {
    case '0:0:0:0:0:ffff':
    case '0:0:0:0:ffff:0':
    case '64:ff9b:0:0:0:0':
      return last;
    case '0:0:0:0:0:0':
      return words[6] === 0 && (words[7] ?? 0) <= 1 ? undefined : last;
  }
  return words[0] === 0x2002 ? dotted(words[1], words[2]) : undefined;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function ipv6Words(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const before = words(head);
  const after = tail === undefined ? [] : words(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
