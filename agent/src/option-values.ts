/** Lets the value of an option begin with a dash, as one key in 64 does. */

/**
 * Joins `--name`, `-value` to `--name=-value`, for `parseArgs` refuses the two apart. Only where the second is no
 * option itself, so that a forgotten value is still told.
 */
export function bindOptionValues(
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>,
): string[] {
  const bound: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    const value = args[at + 1];
    if (takesValue(arg) && value?.startsWith('-') && !isOption(value)) {
      bound.push(`${arg}=${value}`);
      at += 1;
    } else bound.push(arg);
  }
  return bound;

  function takesValue(arg: string): boolean {
    return arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
  }

  function isOption(arg: string): boolean {
    const [name = ''] = arg.slice(2).split('=', 1);
    return arg === '--' || arg === '-h' || (arg.startsWith('--') && Object.hasOwn(options, name));
  }
}
