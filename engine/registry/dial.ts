import { lookup as lookUp } from 'node:dns';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { bareHostname, type Hosts, portOf, refusedAddress } from './hosts';
import { trustedAuthorities } from './trust';

/** Milliseconds to wait for one address of several before the next is tried; Node's 250 are too few across oceans. */
const ADDRESS_ATTEMPT = 1_000;
/** Bytes that may wait to be sent until the writer is held up. */
const BUFFERED = 256 * 1024;
const PROBED = 1_000;
const MOST_SESSIONS = 100;

/** Opens sockets to registries: only to addresses that settings allow, and with TLS for https. */
export type Dialer = (url: URL, onread: net.OnReadOpts) => net.Socket;

/** @param ca PEM of authorities to trust beside the system's */
export function dialerOf(hosts: Hosts, ca: string | undefined): Dialer {
  const sessions = new Sessions();
  let context: tls.SecureContext | undefined;
  return (url, onread) => {
    const host = bareHostname(url);
    const options: net.NetConnectOpts & { highWaterMark: number } = {
      host,
      port: portOf(url),
      lookup: allowedAddresses(hosts, url),
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBED,
      highWaterMark: BUFFERED,
      onread,
    };
    if (url.protocol === 'http:') return net.connect(options);
    // Made once: to read all the authorities takes longer than a handshake.
    context ??= ca === undefined ? undefined : tls.createSecureContext(trustedAuthorities(ca));
    const socket = tls.connect({
      ...options,
      servername: net.isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
      session: sessions.get(url.origin),
      ...(context === undefined ? {} : { secureContext: context }),
    });
    socket.on('session', (session) => sessions.set(url.origin, session));
    socket.once('close', (failed) => failed && sessions.delete(url.origin));
    return socket;
  };
}

/** What servers give so that the next handshake is shorter. */
class Sessions extends Map<string, Buffer> {
  override set(origin: string, session: Buffer): this {
    this.delete(origin);
    const [oldest] = this.keys();
    if (this.size >= MOST_SESSIONS && oldest !== undefined) this.delete(oldest);
    return super.set(origin, session);
  }
}

/** Looks a name up and lets pass only what may be connected to, so that what was checked is what is used. */
function allowedAddresses(hosts: Hosts, url: URL): net.LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => hosts.mayConnect(url, address));
      const first = allowed[0];
      if (first === undefined) return callback(refusedAddress(url, addresses[0]?.address ?? 'no address'), '', 0);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}
