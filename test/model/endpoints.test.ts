import { parseEndpoints } from '../../lib/model/endpoints';
import { InvalidValue } from '../../lib/model/invalid';

describe('where registries are reached', () => {
  it.each([
    [undefined, {}],
    ['', {}],
    ['{}', {}],
    ['{"docker.io":"http://127.0.0.1:5000"}', { 'docker.io': 'http://127.0.0.1:5000' }],
    ['{"a":"https://b/","c":"http://d"}', { a: 'https://b/', c: 'http://d' }],
  ])('%s', (text, endpoints) => {
    expect(parseEndpoints(text)).toEqual(endpoints);
  });

  it.each([
    'text',
    'null',
    '5',
    '[]',
    '["http://a"]',
    '{"a":1}',
    '{"a":"ftp://b"}',
    '{"a":"x http://b"}',
    '{"a":"http://b","c":5}',
    '{"a":["http://b"]}',
  ])('is not %s', (text) => {
    expect(() => parseEndpoints(text)).toThrow(InvalidValue);
    expect(() => parseEndpoints(text)).toThrow(
      /^environment variable REGISTRY_ENDPOINTS: got ".*"; a JSON object from registry to its http or https URL would do$/,
    );
  });
});
