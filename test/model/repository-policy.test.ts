import { denyingStatements } from '../../lib/model/repository-policy';

const ROLE = 'arn:aws:iam::123456789012:role/mirror';
const ACTIONS = ['ecr:BatchGetImage', 'ecr:PutImage'];
const denied = (...statements: object[]) => denyingStatements(JSON.stringify({ Statement: statements }), ROLE, ACTIONS);

describe('a statement of a repository’s policy', () => {
  const all = { Effect: 'Deny', Principal: '*', Action: '*' };

  it.each([
    ['denies everybody everything', all, ACTIONS],
    ['allows, and so denies nobody', { ...all, Effect: 'Allow' }, undefined],
    ['denies one action', { ...all, Action: 'ecr:PutImage' }, ['ecr:PutImage']],
    ['has actions in any case, and wildcards', { ...all, Action: ['ECR:put*', 'ecr:Batch?etImage'] }, ACTIONS],
    ['takes a dot for a dot', { ...all, Action: 'ecr.PutImage' }, undefined],
    ['is about other actions', { ...all, Action: 'ecr:DeleteRepository' }, undefined],
    ['denies all but one', { ...all, Action: undefined, NotAction: 'ecr:PutImage' }, ['ecr:BatchGetImage']],
    ['is about this role', { ...all, Principal: { AWS: ROLE } }, ACTIONS],
    ['is about one of several', { ...all, Principal: { AWS: ['111122223333', ROLE] } }, ACTIONS],
    [
      'is about this role by its path',
      { ...all, Principal: { AWS: 'arn:aws:iam::123456789012:role/aws-reserved/sso/mirror' } },
      ACTIONS,
    ],
    [
      'is about a role of that name elsewhere',
      { ...all, Principal: { AWS: 'arn:aws:iam::111122223333:role/mirror' } },
      undefined,
    ],
    ['is about its account', { ...all, Principal: { AWS: '123456789012' } }, ACTIONS],
    ['is about its account by ARN', { ...all, Principal: { AWS: 'arn:aws:iam::123456789012:root' } }, ACTIONS],
    ['is about another account', { ...all, Principal: { AWS: '111122223333' } }, undefined],
    ['is about a service', { ...all, Principal: { Service: 'lambda.amazonaws.com' } }, undefined],
    ['is about all others', { ...all, Principal: undefined, NotPrincipal: { AWS: ROLE } }, undefined],
    ['is about all but others', { ...all, Principal: undefined, NotPrincipal: { AWS: '111122223333' } }, ACTIONS],
    ['is about nobody', { ...all, Principal: undefined }, undefined],
  ])('%s', (_, statement, actions) => {
    expect(denied(statement)[0]?.actions).toEqual(actions);
  });

  it('goes by its name, or by its number, and says whether it has conditions', () => {
    const found = denied({ Effect: 'Allow' }, { ...all, Sid: 'No' }, { ...all, Condition: { Bool: {} } });
    expect(found.map(({ name, conditional }) => [name, conditional])).toEqual([
      ['No', false],
      ['3', true],
    ]);
  });

  it.each(['', 'no JSON', '[]', '{"Statement":7}'])('is none in %j', (text) => {
    expect(denyingStatements(text, ROLE, ACTIONS)).toEqual([]);
  });

  it('may be the only one, without a list', () => {
    expect(denyingStatements(JSON.stringify({ Statement: all }), ROLE, ACTIONS)).toHaveLength(1);
  });
});
