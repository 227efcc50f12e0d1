import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { eksToken } from '../../aws/eks-token';
import { secretNamed } from '../../local/canary';

const NOW = Date.parse('2026-11-21T12:34:56Z');
const cluster = { cluster: 'live', region: 'eu-west-1', host: 'sts.eu-west-1.amazonaws.com' };

/** What `@smithy/signature-v4` wants a hash to be. */
class Sha256 {
  private readonly hash;
  constructor(secret?: string | Uint8Array | ArrayBuffer) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}

const urlIn = (token: string) => new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString());

describe('a token for a cluster of Amazon EKS', () => {
  it.each([
    ['keys of a person', undefined],
    ['keys of a role, whose session token has characters that are escaped', "a+b/c=d!e'f(g)h*i"],
  ])('is signed as the SDK signs it: %s', async (_, sessionToken) => {
    const keys = {
      accessKeyId: 'AKIALOCALLOCALLOCALL',
      secretAccessKey: secretNamed('key'),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    };
    const url = urlIn(eksToken(cluster, keys, NOW));
    const signer = new SignatureV4({ service: 'sts', region: 'eu-west-1', credentials: keys, sha256: Sha256 as never });
    const wanted = await signer.presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: cluster.host,
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host: cluster.host, 'x-k8s-aws-id': 'live' },
      } as never,
      { expiresIn: 60, signingDate: new Date(NOW), unhoistableHeaders: new Set(['x-k8s-aws-id']) },
    );
    expect(Object.fromEntries(url.searchParams)).toEqual(wanted.query);
    expect(url.host).toBe(cluster.host);
  });

  it('is for that cluster, and good for a minute', () => {
    const keys = { accessKeyId: 'AKIALOCALLOCALLOCALL', secretAccessKey: secretNamed('key') };
    const token = eksToken(cluster, keys, NOW);
    expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
    expect(urlIn(token).searchParams.get('X-Amz-Expires')).toBe('60');
    const other = eksToken({ ...cluster, cluster: 'test' }, keys, NOW);
    expect(urlIn(other).searchParams.get('X-Amz-Signature')).not.toBe(urlIn(token).searchParams.get('X-Amz-Signature'));
  });
});
