import { show } from '../../lib/model/invalid';
import { type Identity, identify, type Place } from './identity';
import { isMap, type Json, type JsonMap, listOf, mapOf, textOf } from './value';

/** A resource of a template, its properties resolved. */
export interface Resource extends Identity {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonMap;
}

export interface ResolverOptions {
  readonly place: Place;
  /** Values of the template's parameters. @default - their defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What other stacks export. @default - none: an `Fn::ImportValue` then fails */
  readonly exports?: Readonly<Record<string, string>>;
}

/** A synthesized template whose intrinsics have become values. */
export interface Resolver {
  /** @throws Error naming the intrinsic and why it has no value here. */
  value(value: Json): Json;
  /** @throws Error when there is no such resource. */
  resource(id: string): Resource;
  /** Those of a type whose condition holds. */
  ofType(...types: readonly (string | RegExp)[]): readonly Resource[];
}

type Intrinsic = (argument: Json) => Json | undefined;

/** Intrinsics are resolved when asked for, so a template may hold what the local stack has no use for. */
export function resolveTemplate(template: JsonMap, options: ResolverOptions): Resolver {
  const declared = mapOf(template.Resources);
  const done = new Map<string, Resource>();
  const underWay = new Set<string>();

  const resource = (id: string): Resource => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const declaration = declared[id];
    if (!isMap(declaration)) throw new Error(`template: Ref: got ${show(id)}; the id of a resource would do`);
    if (underWay.has(id)) throw new Error(`template: ${id}: it refers to itself`);
    underWay.add(id);
    const type = textOf(declaration.Type) ?? '';
    const properties = mapOf(value(mapOf(declaration.Properties)));
    underWay.delete(id);
    const made = { id, type, properties, ...identify(type, { id, properties, place: options.place }) };
    done.set(id, made);
    return made;
  };

  const intrinsics = intrinsicsOf({ template, options, resource, value: (inner) => value(inner) });
  const value = (input: Json): Json => {
    if (Array.isArray(input)) return input.map(value).filter((item) => item !== NO_VALUE);
    if (!isMap(input)) return input;
    const [name, ...others] = Object.keys(input);
    const intrinsic = name === undefined || others.length > 0 ? undefined : intrinsics[name];
    if (intrinsic !== undefined && name !== undefined) {
      const result = intrinsic(input[name] as Json);
      if (result !== undefined) return result;
      throw new Error(`template: ${name}: got ${show(JSON.stringify(input[name]))}, which has no value here`);
    }
    if (name?.startsWith('Fn::') === true && others.length === 0) {
      throw new Error(`template: got ${show(name)}, which the local stack does not resolve`);
    }
    const entries = Object.entries(input).map(([key, item]) => [key, value(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
  };

  const applies = (declaration: JsonMap): boolean =>
    declaration.Condition === undefined || value({ Condition: declaration.Condition }) === true;
  return {
    value,
    resource,
    ofType: (...types) =>
      Object.entries(declared)
        .filter(([, item]) => isMap(item) && isOneOf(types, textOf(item.Type) ?? '') && applies(item))
        .map(([id]) => resource(id)),
  };
}

function isOneOf(types: readonly (string | RegExp)[], type: string): boolean {
  return types.some((wanted) => (typeof wanted === 'string' ? wanted === type : wanted.test(type)));
}

/** What `AWS::NoValue` becomes: whatever holds it leaves it out. */
const NO_VALUE: Json = Object.freeze({});

interface Scope {
  readonly template: JsonMap;
  readonly options: ResolverOptions;
  readonly resource: (id: string) => Resource;
  readonly value: (value: Json) => Json;
}

function intrinsicsOf(scope: Scope): Readonly<Record<string, Intrinsic>> {
  const { value } = scope;
  const text = (input: Json): string | undefined => textOf(value(input));
  const texts = (input: Json): readonly string[] => listOf(value(input)).map((item) => textOf(item) ?? '');
  const pair = (input: Json): readonly [Json, Json] => [listOf(input)[0] ?? null, listOf(input)[1] ?? null];
  return {
    Ref: (id) => reference(scope, String(id)),
    'Fn::GetAtt': (argument) => {
      const [id, ...attribute] = typeof argument === 'string' ? argument.split('.') : texts(argument);
      return attributeOf(scope, id ?? '', attribute.join('.'));
    },
    'Fn::Join': (argument) => texts(pair(argument)[1]).join(String(pair(argument)[0])),
    'Fn::Sub': (argument) => substitute(scope, argument),
    'Fn::Select': (argument) => listOf(value(pair(argument)[1]))[Number(text(pair(argument)[0]))],
    'Fn::Split': (argument) => text(pair(argument)[1])?.split(String(pair(argument)[0])),
    'Fn::ImportValue': (argument) => scope.options.exports?.[text(argument) ?? ''],
    'Fn::Base64': (argument) => Buffer.from(text(argument) ?? '').toString('base64'),
    'Fn::GetAZs': () => ['a', 'b', 'c'].map((zone) => `${scope.options.place.region}${zone}`),
    'Fn::FindInMap': (argument) => {
      const [map, first, second] = texts(argument);
      return mapOf(mapOf(mapOf(scope.template.Mappings)[map ?? ''])[first ?? ''])[second ?? ''];
    },
    ...conditionsOf(scope),
  };
}

function conditionsOf({ template, value }: Scope): Readonly<Record<string, Intrinsic>> {
  const truths = (input: Json): readonly boolean[] => listOf(input).map((item) => value(item) === true);
  const named = (name: Json): Json | undefined => {
    const condition = mapOf(template.Conditions)[String(name)];
    return condition === undefined ? undefined : value(condition);
  };
  return {
    Condition: (name) => (typeof name === 'string' ? named(name) : { Condition: value(name) }),
    'Fn::Equals': (argument) =>
      textOf(value(listOf(argument)[0] ?? null)) === textOf(value(listOf(argument)[1] ?? null)),
    'Fn::And': (argument) => truths(argument).every(Boolean),
    'Fn::Or': (argument) => truths(argument).some(Boolean),
    'Fn::Not': (argument) => truths(argument)[0] === false,
    'Fn::If': (argument) => {
      const [condition, yes, no] = listOf(argument);
      const chosen = named(condition ?? null) === true ? yes : no;
      return chosen === undefined ? undefined : value(chosen);
    },
  };
}

function reference({ template, options, resource }: Scope, id: string): Json | undefined {
  const { account, region, partition, urlSuffix, stackName } = options.place;
  const pseudo: Readonly<Record<string, Json>> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': partition,
    'AWS::URLSuffix': urlSuffix,
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/local`,
    'AWS::NoValue': NO_VALUE,
  };
  if (pseudo[id] !== undefined) return pseudo[id];
  const parameter = mapOf(template.Parameters)[id];
  if (isMap(parameter)) return options.parameters?.[id] ?? parameter.Default;
  return resource(id).ref;
}

function attributeOf({ resource }: Scope, id: string, attribute: string): Json | undefined {
  const found = resource(id);
  const value = found.attributes[attribute];
  if (value !== undefined) return value;
  // A resource that the local stack has no part in (a VPC, a security group): a name to be passed on, never looked into.
  return Object.keys(found.attributes).length === 0 ? `${found.ref}-${attribute}` : undefined;
}

function substitute(scope: Scope, argument: Json): string {
  const [pattern, own] = Array.isArray(argument)
    ? [textOf(argument[0]) ?? '', mapOf(argument[1])]
    : [String(argument), {}];
  return pattern.replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    const given = own[name];
    const dot = name.indexOf('.');
    const intrinsic: Json =
      given !== undefined
        ? given
        : dot < 0
          ? { Ref: name }
          : { 'Fn::GetAtt': [name.slice(0, dot), name.slice(dot + 1)] };
    return textOf(scope.value(intrinsic)) ?? '';
  });
}
