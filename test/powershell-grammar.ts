/** PowerShell read by a grammar: whether a text is PowerShell at all, what it calls, defines and sets. It runs nothing. */
import { createRequire } from 'node:module';
import type * as treeSitter from '@vscode/tree-sitter-wasm';

const require = createRequire(import.meta.url);
/** tree-sitter's parser and its grammar of PowerShell, as VS Code uses them; of CommonJS. */
const { Language, Parser } = require('@vscode/tree-sitter-wasm') as typeof treeSitter;
type SyntaxNode = treeSitter.Node;

export interface Command {
  /** As it is written: `Get-Service`, `curl.exe`, `$Program`. */
  readonly name: string;
  /** The whole call. */
  readonly text: string;
}

export interface Script {
  /** Places that the grammar makes nothing of; empty: it is PowerShell. */
  readonly errors: readonly string[];
  readonly commands: readonly Command[];
  /** Names of the functions it defines, with their text. */
  readonly functions: ReadonlyMap<string, string>;
  /** Names of what `param` at its beginning takes, without `$`. */
  readonly parameters: readonly string[];
  /** Names of variables that it reads and that neither it nor PowerShell sets: strict mode ends the script there. */
  readonly unknownVariables: readonly string[];
}

/** Set by PowerShell itself, in lower case. */
const AUTOMATIC = new Set([
  '_',
  'null',
  'true',
  'false',
  'matches',
  'lastexitcode',
  'pscommandpath',
  'executioncontext',
]);
/** Variables of other scopes: the environment's, and those of the console that a line is pasted into. */
const OF_OTHERS = /^(env|global):/;

await Parser.init();
const language = await Language.load(
  require.resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm'),
);

export function readScript(text: string): Script {
  const parser = new Parser();
  parser.setLanguage(language);
  const tree = parser.parse(text);
  if (tree === null) throw new Error('nothing was parsed');
  try {
    return scriptOf(tree.rootNode);
  } finally {
    tree.delete();
    parser.delete();
  }
}

function scriptOf(root: SyntaxNode): Script {
  const errors: string[] = [];
  const walk = (node: SyntaxNode): void => {
    if (node.isError || node.isMissing)
      errors.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`);
    for (const child of node.children) if (child !== null) walk(child);
  };
  walk(root);
  const all = (type: string, within = root) =>
    within.descendantsOfType(type).flatMap((node) => (node === null ? [] : [node]));
  return {
    errors,
    commands: all('command').flatMap((node) => {
      const name = node.childForFieldName('command_name')?.text;
      return name === undefined ? [] : [{ name, text: node.text }];
    }),
    functions: new Map(
      all('function_statement').map((node) => [all('function_name', node)[0]?.text ?? '', node.text]),
    ),
    parameters: all('param_block')
      .slice(0, 1)
      .flatMap((block) => all('script_parameter', block))
      .flatMap((node) => all('variable', node).slice(0, 1))
      .map((node) => node.text.slice(1)),
    unknownVariables: unknownVariables(root),
  };
}

function unknownVariables(root: SyntaxNode): string[] {
  const known = new Set(AUTOMATIC);
  const name = (node: SyntaxNode) => node.text.replace(/^[$@]\{?|\}$/g, '').toLowerCase();
  const variables = (within: SyntaxNode) =>
    within.descendantsOfType('variable').flatMap((node) => (node === null ? [] : [node]));
  for (const type of ['left_assignment_expression', 'script_parameter'])
    for (const node of root.descendantsOfType(type))
      for (const one of node === null ? [] : variables(node)) known.add(name(one));
  // `foreach ($one in …)`: the first of it.
  for (const node of root.descendantsOfType('foreach_statement')) {
    const [one] = node === null ? [] : variables(node);
    if (one !== undefined) known.add(name(one));
  }
  const read = variables(root)
    .map(name)
    .filter((one) => !OF_OTHERS.test(one));
  return [...new Set(read)].filter((one) => !known.has(one));
}
