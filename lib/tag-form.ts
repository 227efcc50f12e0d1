import { floats } from './model/moving-tags';
import { isRegularExpression } from './model/regular-expression';
import type { TagSelection } from './model/tag-selection';

/** Tags of a selection that move, as far as the selection spells them out. */
export function floatingTagsOf({ include }: TagSelection): readonly string[] {
  return (include ?? []).filter((pattern) => !isWild(pattern) && floats(pattern));
}

/** Whether a selection may take tags that move without spelling them out: `1.27` beside `1.27.3`. */
export function mayFloat({ include }: TagSelection): boolean {
  return include === undefined || include.some((pattern) => isWild(pattern) && !isFixed(pattern));
}

/** Whether a pattern stands for more than the tag that it spells. */
export function isWild(pattern: string): boolean {
  return isRegularExpression(pattern) || /[*?[]/.test(pattern);
}

/** Whether all that a pattern matches does not move, as its form tells: `1.*.*`, `/^1\.\d+\.\d+/`. */
function isFixed(pattern: string): boolean {
  if (!isRegularExpression(pattern)) return !floats(pattern.replace(/\*+|\?|\[[^\]]*\]/g, '0'));
  const numbers = pattern.replace(/\\d|\[[0-9]-[0-9]\]|\[\d+\]/g, '0').replace(/0(?:\+|\{[1-9]\d*(?:,\d*)?\})/g, '0');
  return !numbers.includes('|') && /^\/\^(?:[vV]\??)?\d+\\\.\d+\\\.\d+(?![\d*?{])/.test(numbers);
}

/** Whether every tag that the second pattern matches is matched by the first. Patterns have `*` alone. */
export function covers(wide: string, narrow: string): boolean {
  const expression = wide
    .split('*')
    .map((literal) => literal.replace(/[.\\+?^${}()|[\]-]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(narrow);
}
