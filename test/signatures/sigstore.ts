import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { X509Certificate } from '@sigstore/core';
// Not the package's index, which takes node:http over.
import { initializeCA } from '@sigstore/mock/dist/fulcio';
import { initializeTLog } from '@sigstore/mock/dist/rekor';
import { initializeTSA } from '@sigstore/mock/dist/timestamp';

/** OIDs of Fulcio's extensions: the issuer, as it was written first and as it is now. */
const ISSUER = { V1: '1.3.6.1.4.1.57264.1.1', V2: '1.3.6.1.4.1.57264.1.8' };
/** SHA-256, in timestamps. */
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SINCE = '2020-01-01T00:00:00Z';

export interface Signer {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
  /** DER; of keyless signers alone. */
  readonly certificate?: Buffer;
}

/** What a log says of an entry, as Rekor's API gives it. */
export interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

/** An instance of sigstore in this process: its certificate authority, its logs and its clock, with keys of their own. */
export interface Sigstore {
  /** `trusted_root.json` */
  readonly trustedRoot: string;
  keyless(subject: string, issuer: string): Promise<Signer>;
  log(entry: object): Promise<LogEntry>;
  /** A timestamp (RFC 3161) of a signature: DER. */
  timestamp(signature: Buffer): Promise<Buffer>;
}

/**
 * @param loggedAt when its log and its clock say that they saw something. @default - a minute from now, of the ten that a
 *   certificate lasts
 * @param has parts that its root names. @default - all
 */
export async function startSigstore({ loggedAt = soon(), has = ['tlogs', 'ctlogs'] } = {}): Promise<Sigstore> {
  const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ctlog = certificateLog(keys());
  const ca = await initializeCA(keys(), has.includes('ctlogs') ? ctlog : undefined);
  const rekor = await initializeTLog('https://rekor.sigstore.test', keys(), loggedAt);
  const tsa = await initializeTSA(keys(), loggedAt);
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logIn('https://rekor.sigstore.test', rekor.publicKey)].filter(() => has.includes('tlogs')),
    certificateAuthorities: [authority('https://fulcio.sigstore.test', [ca.rootCertificate])],
    ctlogs: [logIn('https://ctfe.sigstore.test', ctlog.publicKey)].filter(() => has.includes('ctlogs')),
    timestampAuthorities: [authority('https://timestamp.sigstore.test', [tsa.intCertificate, tsa.rootCertificate])],
  };
  return {
    trustedRoot: JSON.stringify(root),
    keyless: async (subject, issuer) => {
      const pair = keys();
      const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
      const extensions = [
        { oid: ISSUER.V1, value: issuer, legacy: true },
        { oid: ISSUER.V2, value: issuer },
      ];
      const certificate = await ca.issueCertificate({ publicKey, subjectAltName: subject, extensions });
      return { ...signerOf(pair), certificate };
    },
    log: async (entry) => Object.values(await rekor.log(entry))[0] as unknown as LogEntry,
    timestamp: (signature) =>
      tsa.timestamp({
        artifactHash: createHash('sha256').update(signature).digest(),
        hashAlgorithmOID: SHA256,
        nonce: 1,
        policyOID: '1.2.3.4',
        certReq: false,
      }),
  };
}

/**
 * A log of certificates (RFC 6962, section 3.2): the mock's own gives out timestamps with empty signatures, by the version of
 * pkijs that it is installed with.
 */
function certificateLog({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }) {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const logID = createHash('sha256').update(der).digest();
  const log = async (certificate: ArrayBuffer, issuer: ArrayBuffer) => {
    const tbs = X509Certificate.parse(Buffer.from(certificate)).tbsCertificate.toDER();
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(Date.now()));
    const none = uint(0, 2);
    const entry = [Buffer.from([0, 0]), time, uint(1, 2), Buffer.from(issuer), uint(tbs.length, 3), tbs, none];
    const signature = sign('sha256', Buffer.concat(entry), privateKey);
    const algorithm = Buffer.from([4, 3]);
    const said = Buffer.concat([Buffer.from([0]), logID, time, none, algorithm, uint(signature.length, 2), signature]);
    return Buffer.concat([uint(said.length, 2), said]) as unknown as ArrayBuffer;
  };
  return { publicKey: der, logID, log };
}

/** A whole second: fractions of it are written into timestamps as nobody reads them. */
function soon(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

function logIn(baseUrl: string, publicKey: Buffer) {
  const keyId = createHash('sha256').update(publicKey).digest('base64');
  const rawBytes = publicKey.toString('base64');
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes, keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: { start: SINCE } },
    logId: { keyId },
  };
}

function authority(uri: string, certificates: readonly Buffer[]) {
  return {
    uri,
    subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
    certChain: { certificates: certificates.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor: { start: SINCE },
  };
}

/** Somebody with a key of their own. */
export function keySigner(pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })): Signer {
  return signerOf(pair);
}

function signerOf(pair: { privateKey: KeyObject; publicKey: KeyObject }): Signer {
  return {
    privateKey: pair.privateKey,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export function signatureOf(message: Buffer, { privateKey }: Signer): Buffer {
  return sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', message, privateKey);
}

export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
