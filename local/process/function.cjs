'use strict';
// One execution environment of a Lambda function: loads the handler once, answers one event after another.
// Arguments: the bundle's file, the name of its export. The rest of the context comes with each event.
const { pathToFileURL } = require('node:url');
const { takeCoverage } = require('node:v8');

require('./tied.cjs');
const [file, name] = process.argv.slice(2);
let handler;

// Coverage, where NODE_V8_COVERAGE asks for it, is written after each event: an environment is killed in the end.
process.on('message', (message) => {
  answer(message)
    .finally(takeCoverage)
    .then(
      (reply) => process.send(reply),
      (error) => process.send({ id: message.id, error: described(error) }),
    );
});

async function answer({ id, event, context, deadline }) {
  handler ??= await load();
  const result = await handler(event, {
    ...context,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  });
  return { id, result: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
}

async function load() {
  const loaded = await import(pathToFileURL(file).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found === 'function') return found;
  const error = new Error(`${name} is undefined or not exported`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
}

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

// An environment waits for events, however long.
process.channel.ref();
process.send({ ready: true });
