import ts from 'typescript';

/**
 * What of a source file can be executed: its statements, and the ways that its branches can go. Taken from what was written
 * rather than from what it was compiled to, because the tests run one compilation and the bundles another.
 */
export interface Points {
  readonly statements: readonly Point[];
  readonly branches: readonly Branch[];
}

/** Offsets in the source text; `line` counts from one; a function is counted by whether it is reached, not by its calls. */
export interface Point {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly isFunction: boolean;
}

/** One way. `from`: it is gone whenever its statement is executed and the point is not (an `if` without `else`). */
export interface Branch {
  readonly point: Point;
  readonly from?: Point;
}

export function pointsOf(file: string, text: string): Points {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const statements: Point[] = [];
  const branches: Branch[] = [];
  const point = (node: ts.Node): Point => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    return { start, end: node.end, line, isFunction: ts.isFunctionLike(node) };
  };
  const visit = (node: ts.Node): void => {
    if (isOfTypes(node)) return;
    if (isExecuted(node)) statements.push(point(node));
    for (const { way, from } of waysOf(node)) {
      branches.push({ point: point(way), ...(from === undefined ? {} : { from: point(from) }) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { statements, branches };
}

/** What leaves nothing behind when types are taken away. */
function isOfTypes(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

const DECLARATIONS = new Set([
  ts.SyntaxKind.Block,
  ts.SyntaxKind.EmptyStatement,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.TryStatement,
  ts.SyntaxKind.LabeledStatement,
]);

function isExecuted(node: ts.Node): boolean {
  if (ts.isArrowFunction(node.parent ?? node)) {
    const arrow = node.parent as ts.ArrowFunction;
    if (arrow.body === node && !ts.isBlock(node)) return true;
  }
  return ts.isStatement(node) && !DECLARATIONS.has(node.kind);
}

function waysOf(node: ts.Node): { way: ts.Node; from?: ts.Node }[] {
  if (ts.isIfStatement(node)) {
    const { thenStatement: then, elseStatement: otherwise } = node;
    return [{ way: then }, otherwise === undefined ? { way: then, from: node } : { way: otherwise }];
  }
  if (ts.isConditionalExpression(node)) return [{ way: node.whenTrue }, { way: node.whenFalse }];
  if (ts.isCaseOrDefaultClause(node)) return node.statements.slice(0, 1).map((way) => ({ way }));
  if (ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind)) return [{ way: node.right }];
  return [];
}

const LOGICAL = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);
