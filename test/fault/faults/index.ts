import type { Family } from '../fault';
import { authorization } from './authorization';
import { bodies } from './bodies';
import { destinations } from './destinations';
import { http } from './http';
import { lies } from './lies';
import { lists } from './lists';
import { redirects } from './redirects';
import { refusals } from './refusals';
import { silence } from './silence';
import { uploads } from './uploads';

/** Every fault that there is, in families. */
export const FAMILIES: readonly Family[] = [
  bodies,
  lies,
  silence,
  refusals,
  authorization,
  redirects,
  lists,
  uploads,
  destinations,
  http,
];
