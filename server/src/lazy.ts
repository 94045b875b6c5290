/** A property that is made when somebody first reads it. */
export function lazily<T extends object, Name extends string, V>(
  target: T,
  name: Name,
  make: () => V,
): T & { readonly [K in Name]: V } {
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = make();
      Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
      return value;
    },
  });
  return target as T & { readonly [K in Name]: V };
}
