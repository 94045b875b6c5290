/** Reads the part of PromQL that our functions can be asked in: selectors, ranges, calls, arithmetic and comparison. */
import { NAME_LABEL, readDurationMs, readNumber, unquote } from './notation.ts';

export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly Matcher[];
  /** Null for the value at an instant. */
  readonly rangeMs: number | null;
  readonly offsetMs: number;
  /** Fixed time of `@`; `start` and `end` are those of the evaluation. */
  readonly at: number | 'start' | 'end' | null;
}
export type Expression =
  | Selector
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'negated'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly op: string;
      readonly isBool: boolean;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Valid or not, it is beyond this reader; `reason` is one of few, for the count. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs';
}

/** Binding strength, weakest first; `^` binds to the right. */
const BINARY: Readonly<Record<string, number>> = {
  '==': 1,
  '!=': 1,
  '<=': 1,
  '<': 1,
  '>=': 1,
  '>': 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '%': 3,
  '^': 4,
};
const POWER = 4;
const AGGREGATIONS =
  /^(?:sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio)$/i;
const MATCHING = /^(?:on|ignoring|group_left|group_right|by|without|fill\w*)$/i;
const TOKEN =
  /\s+|#[^\n]*|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?<duration>\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)(?![\w.])|(?<number>0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|(?:inf|nan)(?![\w:]))|(?<word>(?:[a-z_]|:(?=[a-z_]))[\w:]*)|(?<sign>==|!=|=~|!~|<=|>=|[-+*/%^<>=(){}[\],@:])/iy;

interface Token {
  readonly kind: 'string' | 'duration' | 'number' | 'word' | 'sign' | 'end';
  readonly text: string;
}
const END: Token = { kind: 'end', text: '' };

/** Throws `NotOurs` for syntax beyond this reader. */
export function readExpression(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;
  const whole = binary(1);
  if (peek().kind !== 'end') throw new NotOurs(reasonOf(peek()));
  return whole;

  function peek(ahead = 0): Token {
    return tokens[next + ahead] ?? END;
  }
  function take(): Token {
    next += 1;
    return tokens[next - 1] ?? END;
  }
  function takes(sign: string): boolean {
    if (peek().kind === 'string' || peek().text !== sign) return false;
    next += 1;
    return true;
  }
  function need(sign: string): void {
    if (!takes(sign)) throw new NotOurs(reasonOf(peek()));
  }

  function binary(strength: number): Expression {
    let left = unary();
    for (;;) {
      const token = peek();
      const binds = token.kind === 'sign' ? BINARY[token.text] : undefined;
      if (binds === undefined || binds < strength) return left;
      take();
      const isBool = takes('bool');
      const right = binary(binds === POWER ? POWER : binds + 1);
      left = { kind: 'binary', op: token.text, isBool, left, right };
    }
  }

  function unary(): Expression {
    if (takes('-')) return { kind: 'negated', of: binary(POWER) };
    if (takes('+')) return binary(POWER);
    return modified(primary());
  }

  function primary(): Expression {
    if (takes('(')) {
      const inner = binary(1);
      need(')');
      return inner;
    }
    const token = peek();
    if (token.kind === 'number') return { kind: 'number', value: readNumber(take().text) };
    if (token.kind === 'duration')
      return { kind: 'number', value: (readDurationMs(take().text) ?? NaN) / 1_000 };
    if (token.kind === 'string') return { kind: 'words', text: unquote(take().text) };
    if (token.kind === 'word' && AGGREGATIONS.test(token.text) && /^(?:\(|by|without)$/i.test(peek(1).text))
      throw new NotOurs('aggregation over several series');
    if (MATCHING.test(token.text) && token.kind === 'word') throw new NotOurs(reasonOf(token));
    if (token.kind === 'word' && peek(1).text === '(') return call();
    if (token.kind === 'word' || token.text === '{') return selector();
    throw new NotOurs(reasonOf(token));
  }

  function call(): Expression {
    const name = take().text;
    need('(');
    const args: Expression[] = [];
    while (!takes(')')) {
      args.push(binary(1));
      if (peek().text !== ')') need(',');
    }
    return { kind: 'call', name, args };
  }

  function selector(): Selector {
    const matchers: Matcher[] = [];
    if (peek().kind === 'word') matchers.push({ label: NAME_LABEL, op: '=', value: take().text });
    if (takes('{')) {
      while (!takes('}')) {
        matchers.push(matcher());
        if (peek().text !== '}') need(',');
      }
    }
    return { kind: 'selector', matchers, rangeMs: null, offsetMs: 0, at: null };
  }

  function matcher(): Matcher {
    const label = take();
    if (label.kind !== 'word' && label.kind !== 'string') throw new NotOurs(reasonOf(label));
    const op = peek().text;
    if (op !== '=' && op !== '!=' && op !== '=~' && op !== '!~')
      return { label: NAME_LABEL, op: '=', value: unquote(label.text) };
    take();
    const value = take();
    if (value.kind !== 'string') throw new NotOurs(reasonOf(value));
    return { label: unquote(label.text), op, value: unquote(value.text) };
  }

  /** `[range]`, `offset` and `@` behind a selector, in any order. */
  function modified(inner: Expression): Expression {
    let changed = inner;
    for (;;) {
      const sign = peek();
      const isModifier = sign.text === '[' || sign.text === '@' || sign.text === 'offset';
      if (sign.kind === 'string' || !isModifier) return changed;
      if (changed.kind !== 'selector') throw new NotOurs('subquery');
      take();
      if (sign.text === '[') changed = { ...changed, rangeMs: range() };
      else if (sign.text === 'offset') changed = { ...changed, offsetMs: signedDuration() };
      else changed = { ...changed, at: fixedTime() };
    }
  }

  function range(): number {
    const rangeMs = signedDuration();
    if (takes(':')) throw new NotOurs('subquery');
    if (peek().text !== ']') throw new NotOurs('arithmetic of durations');
    need(']');
    return rangeMs;
  }

  function signedDuration(): number {
    const sign = takes('-') ? -1 : 1;
    const token = take();
    const ms = token.kind === 'duration' || token.kind === 'number' ? readDurationMs(token.text) : null;
    if (ms === null) throw new NotOurs('arithmetic of durations');
    return sign * ms;
  }

  function fixedTime(): number | 'start' | 'end' {
    const sign = takes('-') ? -1 : 1;
    const token = take();
    if (token.kind === 'number' || token.kind === 'duration')
      return sign * (readDurationMs(token.text) ?? NaN);
    if (token.text !== 'start' && token.text !== 'end') throw new NotOurs(reasonOf(token));
    need('(');
    need(')');
    return token.text;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new NotOurs('syntax');
    const [kind, word] = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined) ?? [];
    if (kind !== undefined) tokens.push({ kind: kind as Token['kind'], text: word ?? '' });
  }
  return tokens;
}

function reasonOf({ kind, text }: Token): string {
  if (/^(?:and|or|unless)$/i.test(text)) return 'set operation';
  if (MATCHING.test(text)) return 'matching of several series';
  if (/^(?:anchored|smoothed)$/.test(text)) return 'anchored and smoothed ranges';
  return kind === 'end' ? 'syntax (ends early)' : 'syntax';
}
