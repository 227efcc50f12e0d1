const { post } = require('../post.js');

const call = (Action) => (input) =>
  post(
    'ec2',
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ Action, Version: '2016-11-15', GroupId: input.GroupId }).toString(),
  );

exports.EC2 = class {
  authorizeSecurityGroupEgress = call('AuthorizeSecurityGroupEgress');
  authorizeSecurityGroupIngress = call('AuthorizeSecurityGroupIngress');
  revokeSecurityGroupEgress = call('RevokeSecurityGroupEgress');
  revokeSecurityGroupIngress = call('RevokeSecurityGroupIngress');
};
