import { Duration, Token } from 'aws-cdk-lib';
import { show } from './model/invalid';
import { parseReference } from './model/reference';
import * as rotation from './model/token-rotation/settings';
import { PropsInvalid } from './props-invalid';
import type { TokenRotationProps } from './token-rotation-props';

/** What of the props concerns the cluster alone. */
export type ClusterSettings = Omit<rotation.RotationSettings, 'identity'> & { readonly secretName: string };

/** @throws Error naming the prop, what was got and what would do. Values known at deployment only pass. */
export function settingsOf(props: TokenRotationProps): ClusterSettings {
  const { namespaces, secretName = 'ecr', name = rotation.ROTATION_NAME, namespace } = props;
  if (namespaces.length === 0) throw new PropsInvalid('namespaces: got none; one or more, whose pods pull, would do');
  namespaces.forEach((one, index) => {
    check(`namespaces[${index}]`, one, rotation.LABEL, 'the name of a namespace');
  });
  check('secretName', secretName, rotation.SUBDOMAIN, 'the name of a secret');
  check('name', name, rotation.LABEL, 'small letters, digits and hyphens');
  check('name', name, new RegExp(`^.{1,${rotation.LONGEST_NAME}}$`), `${rotation.LONGEST_NAME} characters`);
  if (namespace !== undefined) check('namespace', namespace, rotation.LABEL, 'the name of a namespace');
  const create = props.createSecrets ?? true;
  return {
    secretName,
    name,
    namespace: namespace ?? rotation.ROTATION_NAMESPACE,
    ownNamespace: namespace === undefined,
    secrets: [...new Set(namespaces)].map((one) => ({ namespace: one, name: secretName, create })),
    everyHours: hoursOf(props.every),
    openshift: false,
    argoCd: false,
    image: imageOf('image', props.image) ?? rotation.ROTATION_IMAGE,
    awsImage: imageOf('awsImage', props.awsImage) ?? rotation.ROTATION_AWS_IMAGE,
  };
}

function check(prop: string, value: string, grammar: RegExp, remedy: string): void {
  if (Token.isUnresolved(value) || grammar.test(value)) return;
  throw new PropsInvalid(`${prop}: got ${show(value)}; ${remedy} would do`);
}

function hoursOf(every: Duration = Duration.hours(rotation.EVERY_HOURS)): number {
  const hours = every.toMinutes({ integral: false }) / 60;
  if (rotation.ROTATION_HOURS.includes(hours)) return hours;
  const all = rotation.ROTATION_HOURS;
  const would = `${all.slice(0, -1).join(', ')} or ${all.slice(-1)} hours`;
  throw new PropsInvalid(`every: got ${every.toHumanString()}; ${would} would do`);
}

function imageOf(prop: string, image: string | undefined): string | undefined {
  if (image === undefined || Token.isUnresolved(image)) return image;
  try {
    parseReference(image);
  } catch (error) {
    throw new PropsInvalid(`${prop}: ${(error as Error).message}`);
  }
  return image;
}
