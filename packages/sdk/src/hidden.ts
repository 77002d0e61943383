// What Node, Bun and Deno call to print an object, and print in its place.
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

const HIDDEN = { [INSPECT]: () => "<hidden>" };

/**
 * How objects of a type are printed: without the `secrets`, which are hidden where the member `where` has one of the
 * values `is`, or always.
 */
export function hiding<T extends object>(
  secrets: (keyof T)[],
  where?: keyof T,
  is: unknown[] = [],
): PropertyDescriptor {
  const value = function (this: T) {
    const shown: { [K in keyof T]: unknown } = { ...this };
    if (where !== undefined && !is.includes(this[where])) return shown;
    for (const secret of secrets) if (this[secret]) shown[secret] = HIDDEN;
    return shown;
  };
  return { value };
}

/** How a value is printed that is secret as a whole. */
export const ENTIRELY: PropertyDescriptor = { value: HIDDEN[INSPECT] };

/**
 * Has a value printed in that way. The property is not enumerable, so that what reads, compares or copies the value sees
 * a plain object; copies print everything.
 */
export function hide(value: object, printed: PropertyDescriptor): void {
  Object.defineProperty(value, INSPECT, printed);
}
