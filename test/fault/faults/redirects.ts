import { linkTo } from '../elsewhere';
import { answering, type EndingsBy, type Family, type Fault, type Surroundings } from '../fault';
import { at } from '../target';

const READ = at('source', 'blob', 'manifest', 'tags');

/** A link to a blob may have run out: the registry is asked for another. */
const AGAIN: EndingsBy = { blob: 'exact', rest: /401/ };

const leads = (
  where: string,
  location: (world: Surroundings) => string,
  says: RegExp,
  once: EndingsBy = says,
): Fault => ({
  name: `leads ${where}`,
  places: READ,
  strike: (exchange, world) => answering(307, { location: location(world) })(exchange),
  once,
  always: says,
});

/** Answers that send elsewhere. */
export const redirects: Family = {
  name: 'Redirects',
  faults: [
    {
      name: 'leads to a CDN that refuses credentials',
      places: at('source', 'blob'),
      strike: (exchange, { hosts }) => {
        const digest = exchange.path.split('/').at(-1) ?? '';
        // The registry is asked too, so that nobody is sent on without having been let in.
        return exchange
          .forward()
          .then((answer) =>
            exchange.reply(
              answer.status === 401 ? answer : { status: 307, headers: { location: linkTo(hosts.bucket.url, digest) } },
            ),
          );
      },
      always: 'exact',
    },
    leads('to a host that wants a password', ({ hosts }) => `${hosts.stranger.url}/basic`, /401/, AGAIN),
    leads('to a host with tokens of its own', ({ hosts }) => `${hosts.stranger.url}/bearer`, /401/, AGAIN),
    leads('to the metadata service', () => 'https://169.254.169.254/latest/meta-data', /never connected to/),
    leads('to the metadata service as an IPv6 address', () => 'https://[::ffff:a9fe:a9fe]/', /never connected to/),
    leads('to a name that is the metadata service', () => 'https://metadata.fault.test/latest', /never connected to/),
    leads('to a name with an address in an address', () => 'https://metadata6.fault.test/', /never connected to/),
    leads('to a private address', () => 'https://10.0.0.1/', /private address/),
    leads('to this machine', () => 'https://127.0.0.1:9/', /private address/),
    leads(
      'to a name at a private address',
      ({ hosts }) => `https://private.fault.test:${hosts.stranger.host.split(':')[1]}/`,
      /private address/,
    ),
    leads('to plain http at a host not named so', () => 'http://unnamed.fault.test/', /plain http/),
    leads('to a file', () => 'file:///etc/passwd', /https would do/),
    leads('in a circle', ({ hosts }) => `${hosts.stranger.url}/circle`, /in a circle/),
    leads('on and on', ({ hosts }) => `${hosts.stranger.url}/hops/1`, /redirects more than/),
    {
      name: 'leads a push to a host that wants a password',
      places: at('destination', 'open', 'push', 'upload'),
      strike: (exchange, { hosts }) => answering(307, { location: `${hosts.stranger.url}/basic` })(exchange),
      // What is streamed cannot be sent again, so it is not sent on.
      once: { upload: /307/, rest: /401/ },
      always: { upload: /307/, rest: /401/ },
    },
  ],
};
