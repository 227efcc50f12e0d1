import { addressKind } from '../../../engine/registry/address';
import { bareHostname, checkUrl, hostsOf, portOf, refusedAddress } from '../../../engine/registry/hosts';

describe('addressKind', () => {
  it.each([
    ['169.254.169.254', 'forbidden'],
    ['169.254.170.2', 'forbidden'],
    ['169.254.170.23', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['0.1.2.3', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['::', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['fd12::1%eth0', 'private'],
    ['febf::1', 'forbidden'],
    ['ff02::1', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['fd00:ec2::23', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['::ffff:a9fe:a9fe', 'forbidden'],
    ['::169.254.169.254', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
    ['64:ff9b::169.254.169.254', 'forbidden'],
    ['64:ff9b:1::1', 'forbidden'],
    ['2002:a9fe:a9fe::1', 'forbidden'],
    ['2001::1', 'forbidden'],
    ['localhost', 'forbidden'],
    ['', 'forbidden'],
    ['127.0.0.1', 'private'],
    ['127.255.255.255', 'private'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['::1', 'private'],
    ['fc00::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:10.1.1.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['169.253.1.1', 'public'],
    ['2600:1f18::1', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['::ffff:0:169.254.169.254', 'forbidden'],
    ['::ffff:0:0:1', 'forbidden'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'forbidden'],
    ['0:0:0:0:ffff:0:a9fe:a9fe', 'forbidden'],
    ['64:ff9b::1', 'forbidden'],
    ['64:ff9b:0:0:0:0:a00:1', 'private'],
    ['::0.0.0.2', 'forbidden'],
    ['::0.1.0.0', 'forbidden'],
    ['::0.1.0.1', 'forbidden'],
    ['::10.0.0.1', 'private'],
    ['240.0.0.1', 'forbidden'],
    ['192.0.0.192', 'forbidden'],
    ['100::1', 'forbidden'],
    ['fec0::1', 'forbidden'],
    ['fd20:ce::254', 'forbidden'],
    ['2002:a00:1::1', 'private'],
    ['192.0.2.1', 'private'],
    ['198.18.0.1', 'private'],
    ['198.19.255.255', 'private'],
    ['198.51.100.1', 'private'],
    ['203.0.113.1', 'private'],
    ['2001:db8::1', 'private'],
    ['fdff::1', 'private'],
    ['::ffff:0:8.8.8.8', 'public'],
    ['::8.8.8.8', 'public'],
    ['2002:808:808::1', 'public'],
    ['2003:a9fe:a9fe::1', 'public'],
    ['2001:1::1', 'public'],
    ['2620:0:0:0:0:0:a9fe:a9fe', 'public'],
    ['192.0.1.1', 'public'],
    ['198.20.0.1', 'public'],
    ['100:0:0:1::1', 'public'],
    ['64:ff9b:2::a9fe:a9fe', 'public'],
    ['1.0.0.1', 'public'],
    ['223.255.255.255', 'public'],
    ['11.0.0.1', 'public'],
    ['168.63.129.17', 'public'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});

describe('hosts', () => {
  const OPTIONS = {
    endpoints: { 'docker.io': 'http://10.0.0.5:5000', 'quay.io': 'https://mirror.corp:8443/quay/' },
    plainHttp: ['registry.local:5000', '[::1]:5000'],
    privateHosts: ['harbor.corp', 'other.corp:8443'],
  };
  const at = (url: string, address: string) => hostsOf(OPTIONS).mayConnect(new URL(url), address);

  it.each([
    ['https://harbor.corp/', '10.1.2.3', true],
    ['https://harbor.corp:8443/', '10.1.2.3', false],
    ['https://other.corp:8443/', '10.1.2.3', true],
    ['https://evil.harbor.corp/', '10.1.2.3', false],
    ['http://registry.local:5000/', '127.0.0.1', true],
    ['http://registry.local/', '127.0.0.1', false],
    ['http://10.0.0.5:5000/', '10.0.0.5', true],
    ['https://mirror.corp:8443/', '10.0.0.5', true],
    ['https://harbor.corp/', '169.254.169.254', false],
    ['https://public.example/', '10.0.0.1', false],
    ['https://public.example/', '93.184.216.34', true],
    ['https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/', '10.0.0.1', true],
    ['https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.io/', '10.0.0.1', false],
    ['https://123456789012.dkr.ecr.eu-west-1.amazonaws.com:8443/', '10.0.0.1', false],
    ['https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/', '169.254.169.254', false],
    ['https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/', '10.0.0.1', true],
    ['https://my-bucket.s3.eu-west-1.amazonaws.com/', '10.0.0.1', false],
    ['https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com.evil.io/', '10.0.0.1', false],
    ['https://evil.prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/', '10.0.0.1', false],
    ['https://mirror.corp/', '10.0.0.5', false],
  ])('%s at %s: %s', (url, address, allowed) => {
    expect(at(url, address)).toBe(allowed);
  });

  it.each([
    ['ghcr.io', 'https://ghcr.io/'],
    ['docker.io', 'http://10.0.0.5:5000/'],
    ['registry.local:5000', 'http://registry.local:5000/'],
    ['[::1]:5000', 'http://[::1]:5000/'],
  ])('reaches %s at %s', (registry, url) => {
    expect(hostsOf(OPTIONS).endpoint(registry).href).toBe(url);
  });

  it('reaches Docker Hub at its own host', () => {
    expect(hostsOf({}).endpoint('docker.io').href).toBe('https://registry-1.docker.io/');
  });

  it.each([
    'http://example.com/',
    'http://mirror.corp:8443/',
    'ftp://example.com/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data',
  ])('refuses %s', (url) => {
    expect(() => checkUrl(hostsOf(OPTIONS), new URL(url), false)).toThrow(/only|address|https would do/);
  });

  it('leaves private addresses to a proxy, but never a metadata address', () => {
    expect(() => checkUrl(hostsOf(OPTIONS), new URL('https://10.9.9.9/'), true)).not.toThrow();
    expect(() => checkUrl(hostsOf(OPTIONS), new URL('https://169.254.169.254/'), true)).toThrow(/never connected/);
  });

  it.each(['https://public.example/', 'https://8.8.8.8/', 'http://registry.local:5000/', 'https://[2600::1]:8443/'])(
    'has nothing against %s before names are looked up',
    (url) => {
      expect(() => checkUrl(hostsOf(OPTIONS), new URL(url), false)).not.toThrow();
    },
  );

  it.each([
    ['https://10.9.9.9/', '10.9.9.9', '10.9.9.9: private address; name 10.9.9.9:443 as a private host if it is meant'],
    ['https://[fd12::1]:8443/', 'fd12::1', '[fd12::1]:8443: private address; name [fd12::1]:8443 as'],
    ['http://a.example/', '10.0.0.1', 'a.example is at 10.0.0.1: private address; name a.example:80 as a private host'],
    ['https://a.example/', '169.254.169.254', 'a.example is at 169.254.169.254: forbidden address; such an address'],
  ])('says of %s at %s what would do', (url, address, line) => {
    expect(refusedAddress(new URL(url), address).message).toContain(line);
  });

  it('knows ports that are not written, and addresses without their brackets', () => {
    const ports = ['http://a/', 'https://a/', 'http://a:443/', 'https://a:80/', 'https://a:8443/'];
    expect(ports.map((url) => portOf(new URL(url)))).toEqual([80, 443, 443, 80, 8443]);
    expect(['http://[::1]:5/', 'http://a.b/'].map((url) => bareHostname(new URL(url)))).toEqual(['::1', 'a.b']);
  });

  it('speaks plain http at the port that was named and at no other', () => {
    const { mayBePlain } = hostsOf({
      plainHttp: ['a.example', 'b.example:5000'],
      endpoints: { c: 'http://c.example/' },
    });
    const urls = [
      'http://a.example/',
      'http://a.example:81/',
      'http://b.example:5000/',
      'http://b.example/',
      'http://c.example/',
    ];
    expect(urls.map((url) => mayBePlain(new URL(url)))).toEqual([true, false, true, false, true]);
  });
});
