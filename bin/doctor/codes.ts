/** What `doctor` can find: what each means, and what to do where a finding does not say it better. The names are stable. */
export interface DoctorEntry {
  readonly meaning: string;
  readonly remedy: string;
}

export const DOCTOR_CODES = {
  'DOCTOR-ROW': {
    meaning: 'A row cannot be acted on, or asks for what is not allowed.',
    remedy: 'mend the row, or allow what it asks for',
  },
  'DOCTOR-ROUTE': {
    meaning: 'A registry cannot be reached from here: its name, the connection, TLS or the proxy on the way.',
    remedy: 'a route to the registry, its certificate’s authority (--ca) or the proxy that leads there',
  },
  'DOCTOR-CREDENTIAL': {
    meaning: 'A credential that should be there cannot be read: a helper, a file, a secret.',
    remedy: 'docker login, or the credential helper on the PATH',
  },
  'DOCTOR-PULL': {
    meaning: 'A source may not be read with the credential that there is for it, or is not there.',
    remedy: 'a credential that may pull it, or another name',
  },
  'DOCTOR-PUSH': {
    meaning: 'A destination may not be written with the credential that there is for it.',
    remedy: 'a credential that may push there',
  },
  'DOCTOR-CLOCK': {
    meaning: 'The clock of this machine, or of a registry, is wrong: signatures of AWS and tokens fail by that.',
    remedy: 'a clock that is set by NTP',
  },
  'DOCTOR-PULLS': {
    meaning: 'A registry counts pulls, and few or none are left.',
    remedy: 'an account that may pull more, or wait',
  },
  'DOCTOR-AWS': {
    meaning: 'AWS does not take the credentials of whoever runs this, or there are none.',
    remedy: 'aws sso login, a profile (--profile), or keys that are valid',
  },
  'DOCTOR-STACK': {
    meaning: 'The deployed stack, its settings or its table of mirrors cannot be read.',
    remedy: 'the name of a deployed stack, its region, and the right to read it (grantManage)',
  },
  'DOCTOR-IAM': {
    meaning: 'Whoever copies may not do what copying takes, by the policies that they have.',
    remedy: 'allow the actions on the repositories, or deploy the stack again',
  },
  'DOCTOR-REPOSITORY': {
    meaning: 'A destination in Amazon ECR is not there, and nothing creates it.',
    remedy: 'create it, declare its image, or cover it by a repository creation template',
  },
  'DOCTOR-TAGS': {
    meaning: 'A tag that moves at the source may not move at the destination.',
    remedy: 'let that tag move (an exclusion filter, floatingTags), or OnConflict: suffix',
  },
  'DOCTOR-LIFECYCLE': {
    meaning: 'A lifecycle rule deletes what rows mirror.',
    remedy: 'a rule that keeps more, or a row that asks for less',
  },
  'DOCTOR-POLICY': {
    meaning: 'The policy of a repository denies what copying takes.',
    remedy: 'leave whoever copies out of that statement',
  },
  'DOCTOR-QUOTA': {
    meaning: 'A quota of Amazon ECR is nearly used up.',
    remedy: 'a higher quota (Service Quotas), or fewer images',
  },
  'DOCTOR-MOUNTING': {
    meaning: 'Amazon ECR does not take blobs over from one repository to another: each is sent to each.',
    remedy: 'aws ecr put-account-setting --name BLOB_MOUNTING --value ENABLED, or blobMounting of the construct',
  },
  'DOCTOR-NETWORK': {
    meaning: 'The subnets of the workers have no route to what they need.',
    remedy: 'subnets with a NAT gateway, public ones with public addresses, or endpoints (vpcEndpoints)',
  },
  'DOCTOR-QUEUE': {
    meaning: 'AWS Batch runs no jobs, or fewer than it could.',
    remedy: 'enable the job queue and its compute environments; their status says what is wrong',
  },
  'DOCTOR-BEHAVIOUR': {
    meaning: 'How Amazon ECR or AWS Batch behave where their documentation does not say it, seen on the spot.',
    remedy: 'nothing: the program copes with either',
  },
} as const satisfies Readonly<Record<string, DoctorEntry>>;

export type DoctorCode = keyof typeof DOCTOR_CODES;
