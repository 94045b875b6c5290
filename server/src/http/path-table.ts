/** Finds what stands at a path: written out, or with `:names` in it. Pure. */

interface Found<T> {
  readonly at: T;
  /** As they stand in the path. */
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern<T> {
  readonly at: T;
  readonly path: RegExp;
}

/** Where several fit: what is written out, then what was added first. */
export class PathTable<T> {
  readonly #plain = new Map<string, Found<T>>();
  /** By number of steps. */
  readonly #patterns = new Map<number, Pattern<T>[]>();

  /** @param path such as `/users/:id` */
  add(path: string, at: T): void {
    if (!path.includes('/:')) {
      this.#plain.set(path, { at, params: {} });
      return;
    }
    const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
    const pattern = { at, path: new RegExp(`^${escaped.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`) };
    const steps = stepsOf(path);
    this.#patterns.set(steps, [...(this.#patterns.get(steps) ?? []), pattern]);
  }

  find(path: string): Found<T> | undefined {
    const plain = this.#plain.get(path);
    if (plain !== undefined) return plain;
    for (const pattern of this.#patterns.get(stepsOf(path)) ?? []) {
      const match = pattern.path.exec(path);
      if (match !== null) return { at: pattern.at, params: { ...match.groups } };
    }
    return undefined;
  }
}

function stepsOf(path: string): number {
  let steps = 0;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === SLASH) steps += 1;
  return steps;
}

const SLASH = 47;
