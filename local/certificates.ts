import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key and its certificate, as PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends Identity {
  /** A certificate for a host name or IPv4 address. */
  issue(host: string): Identity;
}

/** A certificate authority for registries on this machine (RFC 5280), made with Node alone. */
export function makeAuthority(name = 'an authority of this machine'): Authority {
  const keys = newKeys();
  const subject = distinguishedName(name);
  const signed = (tbs: Buffer) => pem(sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, keys.privateKey))));
  const cert = signed(certificate(subject, subject, keys.publicKey, [extension([2, 5, 29, 19], sequence(TRUE), true)]));
  return {
    cert,
    key: keys.pem,
    issue: (host) => {
      const own = newKeys();
      const alternative = /^[0-9.]+$/.test(host)
        ? tagged(0x87, Buffer.from(host.split('.').map(Number)))
        : tagged(0x82, Buffer.from(host));
      const extensions = [extension([2, 5, 29, 17], sequence(alternative))];
      return {
        key: own.pem,
        cert: signed(certificate(subject, distinguishedName(host), own.publicKey, extensions)),
      };
    },
  };
}

function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

function certificate(issuer: Buffer, subject: Buffer, key: KeyObject, extensions: readonly Buffer[]): Buffer {
  const publicKey = key.export({ type: 'spki', format: 'der' });
  // Positive, and another one for each key.
  const serial = Buffer.concat([Buffer.from([1]), createHash('sha256').update(publicKey).digest().subarray(0, 15)]);
  const validity = sequence(time(Date.now() - 3_600_000), time(Date.now() + 24 * 3_600_000));
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    ECDSA_SHA256,
    issuer,
    validity,
    subject,
    publicKey,
    tagged(0xa3, sequence(...extensions)),
  );
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(identifier([2, 5, 4, 3]), tagged(0x0c, Buffer.from(name)))));
}

function extension(id: readonly number[], value: Buffer, critical = false): Buffer {
  return sequence(identifier(id), ...(critical ? [TRUE] : []), tagged(0x04, value));
}

function time(milliseconds: number): Buffer {
  return tagged(0x18, Buffer.from(new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '')));
}

/** DER (ITU-T X.690): a tag, a length, a value. */
function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function bits(value: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), value]));
}

function identifier([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  const base128 = (value: number): number[] =>
    value < 128 ? [value] : [...base128(Math.floor(value / 128)).map((byte) => byte | 128), value % 128];
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const TRUE = tagged(0x01, Buffer.from([255]));
const ECDSA_SHA256 = sequence(identifier([1, 2, 840, 10045, 4, 3, 2]));
