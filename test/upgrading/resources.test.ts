import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../lib/stack';

/** What holds something that nobody can make again, and the properties whose change has CloudFormation make another one. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema'],
  'AWS::ECR::Repository': ['RepositoryName', 'EncryptionConfiguration'],
};

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** What a stack keeps, by logical ids. */
function keptBy(resources: Readonly<Record<string, Resource>>): object {
  const entries = Object.entries(resources).filter(([, { Type }]) => Object.hasOwn(KEPT, Type));
  return Object.fromEntries(
    entries.map(([id, { Type, Properties, DeletionPolicy }]) => {
      const fixed = (KEPT[Type] ?? []).filter((name) => Properties[name] !== undefined);
      return [id, { Type, DeletionPolicy, ...Object.fromEntries(fixed.map((name) => [name, Properties[name]])) }];
    }),
  );
}

const VERSIONS = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

it.each(VERSIONS.map(({ name }) => name))(
  'a stack of %s keeps its tables and repositories when it is updated',
  (version) => {
    const { template } = synthesize({ images: [{ source: 'docker.io/library/nginx:1.27' }] });
    expect(keptBy(template().toJSON().Resources)).toEqual(
      JSON.parse(readFileSync(join(__dirname, version, 'resources.json'), 'utf8')),
    );
  },
);
