/** What the parties of a mirror do to repositories of Amazon ECR: the policies that the construct writes are made of it. */

/** What pulling asks for, beside a token. */
export const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
/** A list of tags tells of signatures at a source; at a destination, whether all the rest has to be asked for. */
export const LIST_ACTION = 'ecr:ListImages';
/** Sources are asked as any registry is, destinations by ECR's own API, for what refers to an image and for what removes one. */
export const LOOK_AT_SOURCE_ACTIONS = ['ecr:BatchGetImage', LIST_ACTION];
export const LOOK_AT_DESTINATION_ACTIONS = [...LOOK_AT_SOURCE_ACTIONS, 'ecr:DescribeImages', 'ecr:GetLifecyclePolicy'];
/** What copying from a repository asks of the worker, and what copying to one does. */
export const READ_ACTIONS = [...PULL_ACTIONS, LIST_ACTION];
export const WRITE_ACTIONS = [
  ...READ_ACTIONS,
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];
/** On no resource. */
export const TOKEN_ACTION = 'ecr:GetAuthorizationToken';
