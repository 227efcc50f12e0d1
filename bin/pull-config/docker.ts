import { parseEcrHost } from '../../lib/model/ecr-host';
import type { Make } from './kind';
import { prefixesOf } from './place';

/**
 * Docker's daemon takes a mirror of Docker Hub alone, and none below a path. What it takes is written; Docker's command line
 * gets the credential helper for the mirrors' registries, so that images are pulled from there by name.
 */
export const docker: Make = (places) => {
  const hosts = [...new Set(places.map(({ mirror }) => mirror.registry))];
  const helpers = Object.fromEntries(
    hosts.filter((host) => parseEcrHost(host) !== undefined).map((host) => [host, 'ecr-login']),
  );
  const root = prefixesOf(places).prefixes.find(({ registry, path }) => registry === 'docker.io' && path === '');
  const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  const daemon =
    root === undefined
      ? []
      : [{ path: 'etc/docker/daemon.json', text: json({ 'registry-mirrors': [`https://${root.host}`] }) }];
  const config =
    Object.keys(helpers).length === 0 ? [] : [{ path: '.docker/config.json', text: json({ credHelpers: helpers }) }];
  return {
    files: [...daemon, ...config],
    notes: [
      ...(root === undefined
        ? ['Docker’s daemon knows no mirror below a path: images have to be named as they are at the mirror']
        : []),
      ...(config.length === 0
        ? []
        : ['amazon-ecr-credential-helper has to be installed; merge config.json into what is there']),
    ],
  };
};
