// Node, Bun and Deno call this method of an object and print its result in place of the object.
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

const HIDDEN = { [INSPECT]: () => "<hidden>" };

/**
 * Returns the property that hides the members `secrets` when an object is printed. With `where`, they are hidden only
 * if that member has one of the values `is`.
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

/** The property for a value that is entirely secret. */
export const ENTIRELY: PropertyDescriptor = { value: HIDDEN[INSPECT] };

/**
 * Adds such a property to a value. It is not enumerable, so code that reads, compares or copies the value sees a plain
 * object; copies print everything.
 */
export function hide(value: object, printed: PropertyDescriptor): void {
  Object.defineProperty(value, INSPECT, printed);
}
