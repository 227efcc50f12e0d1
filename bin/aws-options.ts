import type { Agent } from 'node:https';
import type { ClientOptions } from '../aws/clients';
import type { proxyAgents } from './proxy';
import type { Settings } from './settings';

/** How the command line reaches AWS: by the SDK's own environment, `--profile` and the proxies. To be called before a client is made. */
export function awsOptions(
  { profile, retry }: Pick<Settings, 'profile' | 'retry'>,
  agent: Awaited<ReturnType<typeof proxyAgents>>,
): ClientOptions {
  // The SDK's notice about versions of Node is for authors of programs, and users would take it for an error.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // Where the SDK looks for it, whatever then gives the credentials: keys, SSO, a role.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  // One that opens tunnels, so it serves https.
  const proxy = agent?.(new URL('https://api.ecr.us-east-1.amazonaws.com/'));
  return { attempts: retry.attempts, ...(proxy === undefined ? {} : { agent: proxy as Agent }) };
}
