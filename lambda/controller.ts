import { awsClients } from '../aws/clients';
import { systemClock } from '../engine/ports';
import { makeHandlers } from './handlers';

/** What Lambda calls. Clients are made once for each execution environment. */
export const { handler, begin, arrived } = makeHandlers({
  clients: awsClients(),
  variables: process.env,
  clock: systemClock,
  write: (line) => {
    process.stdout.write(`${line}\n`);
  },
});
