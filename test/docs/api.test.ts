import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as typescript from 'typescript';
import { ROOT, read } from './documents';

/** A part of the public API, and what its comment says. */
interface Documented {
  readonly what: string;
  readonly isOptionalProp: boolean;
  readonly text: string;
  /** Undefined where there is none. */
  readonly fallback: string | undefined;
}

type Declaration = typescript.ClassDeclaration | typescript.InterfaceDeclaration | typescript.EnumDeclaration;

/** Whatever lib/index.ts exports, and its members. */
const api = readdirSync(join(ROOT, 'lib'))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = read(`lib/${file}`);
    const source = typescript.createSourceFile(file, text, typescript.ScriptTarget.Latest, true);
    return source.statements.filter(isPublicType).flatMap(partsOf);
  });
const exported = publicNames();

function isPublicType(node: typescript.Node): node is Declaration {
  const isType =
    typescript.isClassDeclaration(node) ||
    typescript.isInterfaceDeclaration(node) ||
    typescript.isEnumDeclaration(node);
  return isType && publicNames().has(node.name?.text ?? '');
}

function publicNames(): ReadonlySet<string> {
  const index = read('lib/index.ts');
  const names = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','));
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ''));
}

function partsOf(type: Declaration): Documented[] {
  const name = type.name?.text ?? '';
  const members = [...type.members].filter(isPublicMember).map((member) => {
    const isProp = typescript.isInterfaceDeclaration(type) && typescript.isPropertySignature(member);
    const isOptionalProp = isProp && member.questionToken !== undefined;
    return documented(`${name}.${member.name?.getText() ?? ''}`, member, isOptionalProp);
  });
  return [documented(name, type, false), ...members];
}

function isPublicMember(member: typescript.ClassElement | typescript.TypeElement | typescript.EnumMember): boolean {
  if (typescript.isConstructorDeclaration(member)) return false;
  const flags = typescript.getCombinedModifierFlags(member as typescript.Declaration);
  const hidden = typescript.ModifierFlags.Private | typescript.ModifierFlags.Protected;
  const isInternal = typescript.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal');
  return (
    (flags & hidden) === 0 && !isInternal && member.name !== undefined && !typescript.isPrivateIdentifier(member.name)
  );
}

function documented(what: string, node: typescript.Node, isOptionalProp: boolean): Documented {
  const [comment] = typescript.getJSDocCommentsAndTags(node).filter(typescript.isJSDoc);
  const tag = typescript.getJSDocTags(node).find(({ tagName }) => tagName.text === 'default');
  const text = typescript.getTextOfJSDocComment(comment?.comment) ?? '';
  return { what, isOptionalProp, text, fallback: typescript.getTextOfJSDocComment(tag?.comment) };
}

describe('the public API', () => {
  it('is found', () => {
    expect(read('lib/index.ts')).not.toContain('export *');
    expect([...exported]).toEqual(expect.arrayContaining(['EcrMirror', 'EcrMirrorProps', 'TagSelection']));
    expect(api.length).toBeGreaterThan(200);
    const found = new Set(api.map(({ what }) => what.split('.')[0]));
    expect([...exported].filter((name) => !found.has(name))).toEqual([]);
  });

  it('is what jsii puts into API.md', () => {
    const page = read('API.md');
    const headings = new Set([...page.matchAll(/^### (\w+) </gm)].map(([, name = '']) => name));
    expect([...exported].filter((name) => !headings.has(name)).sort()).toEqual([]);
  });

  it('says of each of its parts what it is', () => {
    expect(api.filter(({ text }) => text.length < 10).map(({ what }) => what)).toEqual([]);
  });

  it('says of each optional prop what it is without', () => {
    const optional = api.filter(({ isOptionalProp }) => isOptionalProp);
    expect(optional.length).toBeGreaterThan(80);
    expect(optional.filter(({ fallback = '' }) => fallback.trim() === '').map(({ what }) => what)).toEqual([]);
  });
});
