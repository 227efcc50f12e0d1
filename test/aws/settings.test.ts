import { readControllerEnvironment, readEnvironment, readSettings } from '../../aws/settings';
import { AwsError } from '../../local/aws/error';
import { type Stack, startStack } from './stack';

const WORKER = { COPIES_TABLE: 'copies', SETTINGS_PARAMETER: '/mirror/settings' };
const CONTROLLER = {
  ...WORKER,
  MIRRORS_TABLE: 'mirrors',
  JOB_QUEUE: 'queue',
  JOB_DEFINITION: 'worker:1',
  AWS_LAMBDA_FUNCTION_NAME: 'controller',
};

it('reads the environment once, with all that it holds', () => {
  expect(
    readControllerEnvironment({ ...CONTROLLER, REGISTRY_ENDPOINTS: '{"docker.io":"http://127.0.0.1:5000"}' }),
  ).toEqual({
    copiesTable: 'copies',
    settingsParameter: '/mirror/settings',
    mirrorsTable: 'mirrors',
    jobQueue: 'queue',
    jobDefinition: 'worker:1',
    functionName: 'controller',
    endpoints: { 'docker.io': 'http://127.0.0.1:5000' },
  });
});

it.each(Object.keys(CONTROLLER))('names %s when it is missing', (name) => {
  expect(() => readControllerEnvironment({ ...CONTROLLER, [name]: undefined })).toThrow(
    `environment variable ${name}: got nothing`,
  );
  expect(() => readControllerEnvironment({ ...CONTROLLER, [name]: '' })).toThrow(`environment variable ${name}`);
});

it.each(['[]', 'text', '{"docker.io":5000}', '{"docker.io":"ftp://x"}'])('refuses the endpoints %s', (text) => {
  expect(() => readEnvironment({ ...WORKER, REGISTRY_ENDPOINTS: text })).toThrow(
    'a JSON object from registry to its http or https URL would do',
  );
});

describe('the settings', () => {
  const document = {
    permissions: { sources: ['**'], destinations: ['registry.test/**'], outward: [] },
    mapping: { registry: 'registry.test' },
    credentials: [],
  };
  const parameters = new Map([
    ['/mirror/settings', JSON.stringify(document)],
    ['/mirror/broken', '{"permissions": 1}'],
  ]);
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      ssm: ({ input }) => {
        const Value = parameters.get(String(input.Name));
        if (Value === undefined) throw new AwsError('ParameterNotFound', 'no such parameter');
        return { output: { Parameter: { Name: String(input.Name), Value } } };
      },
    });
  });
  afterAll(() => stack.close());

  it('come from their parameter', async () => {
    expect(await readSettings(stack.clients.parameters(), '/mirror/settings')).toEqual(document);
  });

  it('that are missing or no good are named', async () => {
    await expect(readSettings(stack.clients.parameters(), '/mirror/none')).rejects.toThrow(
      'read parameter /mirror/none: ParameterNotFound: no such parameter',
    );
    await expect(readSettings(stack.clients.parameters(), '/mirror/broken')).rejects.toThrow('settings permissions');
  });
});
