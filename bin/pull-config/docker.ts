import { parseEcrHost } from '../../lib/model/ecr-host';
import { apiOf } from './containerd';
import type { Make } from './kind';
import { prefixesOf } from './prefix';

/**
 * Docker's daemon takes a mirror of Docker Hub alone, and none below a path. What it takes is written; Docker's command line
 * gets the credential helper for the mirrors' registries, so that images are pulled from there by name.
 */
export const docker: Make = (places, options) => {
  const hosts = [
    ...new Set(places.flatMap(({ mirror, further }) => [mirror, ...further].map(({ registry }) => registry))),
  ];
  const helpers = Object.fromEntries(
    hosts.filter((host) => parseEcrHost(host) !== undefined).map((host) => [host, 'ecr-login']),
  );
  const hub = prefixesOf(places, options.hosts).prefixes.find(({ registry }) => registry === 'docker.io');
  const roots = (hub?.endpoints ?? []).filter(({ path }) => path === '');
  const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  const daemon =
    roots.length === 0
      ? []
      : [{ path: 'etc/docker/daemon.json', text: json({ 'registry-mirrors': roots.map(apiOf) }) }];
  const config =
    Object.keys(helpers).length === 0 ? [] : [{ path: '.docker/config.json', text: json({ credHelpers: helpers }) }];
  return {
    files: [...daemon, ...config],
    notes: [
      ...(roots.length === 0
        ? ['Docker’s daemon knows no mirror below a path: images have to be named as they are at the mirror']
        : []),
      ...(config.length === 0
        ? []
        : ['amazon-ecr-credential-helper has to be installed; merge config.json into what is there']),
    ],
  };
};
