/** Typed arrays that grow. */
type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** `to`, with the values of `from` at its beginning. */
export function grown<Kind extends Numbers>(from: Kind, to: Kind): Kind {
  to.set(from);
  return to;
}
