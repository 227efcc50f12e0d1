import { makeEvent, readPattern } from '../../local/events';

const PUSH = makeEvent({
  source: 'aws.ecr',
  detailType: 'ECR Image Action',
  account: '111122223333',
  region: 'eu-west-1',
  id: 'an-id',
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  detail: {
    'action-type': 'PUSH',
    result: 'SUCCESS',
    'repository-name': 'mirror/nginx',
    'image-tag': '1.27',
    count: 3,
  },
});
const detail = (pattern: object) => readPattern({ detail: pattern as never })(PUSH);

describe('an event pattern', () => {
  it.each([
    ['a value of the list', { result: ['FAILED', 'SUCCESS'] }, true],
    ['no value of the list', { result: ['FAILED'] }, false],
    ['a number as a number', { count: [3] }, true],
    ['a number is not its text', { count: ['3'] }, false],
    ['prefix', { 'repository-name': [{ prefix: 'mirror/' }] }, true],
    ['another prefix', { 'repository-name': [{ prefix: 'released/' }] }, false],
    ['prefix in any case', { 'repository-name': [{ prefix: { 'equals-ignore-case': 'MIRROR/' } }] }, true],
    ['suffix', { 'repository-name': [{ suffix: '/nginx' }] }, true],
    ['wildcard', { 'repository-name': [{ wildcard: 'm*/n*x' }] }, true],
    ['wildcard over a dot', { 'image-tag': [{ wildcard: '1?2*' }] }, false],
    ['equals-ignore-case', { result: [{ 'equals-ignore-case': 'success' }] }, true],
    ['anything-but a value', { 'image-tag': [{ 'anything-but': '' }] }, true],
    ['anything-but that very value', { 'image-tag': [{ 'anything-but': ['latest', '1.27'] }] }, false],
    ['anything-but a prefix', { 'repository-name': [{ 'anything-but': { prefix: 'mirror/' } }] }, false],
    ['anything-but several prefixes', { 'repository-name': [{ 'anything-but': { prefix: ['a/', 'b/'] } }] }, true],
    ['anything-but what is not there', { nobody: [{ 'anything-but': 'x' }] }, false],
    ['exists', { 'image-tag': [{ exists: true }] }, true],
    ['does not exist', { nobody: [{ exists: false }] }, true],
    ['should not exist', { 'image-tag': [{ exists: false }] }, false],
    ['numeric', { count: [{ numeric: ['>', 1, '<=', 3] }] }, true],
    ['out of range', { count: [{ numeric: ['<', 3] }] }, false],
    ['all fields', { result: ['SUCCESS'], 'image-tag': ['1.26'] }, false],
    ['$or', { $or: [{ 'image-tag': ['1.26'] }, { result: ['SUCCESS'] }] }, true],
  ])('%s', (_name, pattern, matched) => {
    expect(detail(pattern)).toBe(matched);
  });

  it('matches an array when one of its values does', () => {
    const matches = readPattern({ resources: ['b'], detail: { list: { name: ['x'] } } });
    expect(matches({ resources: ['a', 'b'], detail: { list: [{ name: 'y' }, { name: 'x' }] } })).toBe(true);
    expect(matches({ resources: ['a'], detail: { list: [{ name: 'x' }] } })).toBe(false);
  });

  it.each([
    ['an operator that is not built', { source: [{ cidr: '10.0.0.0/8' }] }, /cidr/],
    ['a value that is no list', { source: 'aws.ecr' }, /source: got "aws.ecr"; a list of values would do/],
    ['an empty list', { source: [] }, /a list of values would do/],
    ['no map', ['x'], /a map would do/],
  ])('is refused for %s', (_name, pattern, message) => {
    expect(() => readPattern(pattern as never)).toThrow(message);
  });
});

it('writes an event as EventBridge delivers it', () => {
  expect(PUSH).toMatchObject({
    version: '0',
    'detail-type': 'ECR Image Action',
    time: '2026-01-02T03:04:05Z',
    resources: [],
  });
});
