import { unknownName } from '@resnet/core';

/** The name, if it is one of those known. @throws UNKNOWN_NAME with the nearest */
export function checkName<Name extends string>(kind: string, name: string, known: readonly Name[]): Name {
  const found = known.find((candidate) => candidate === name);
  if (found === undefined) throw unknownName(kind, name, known);
  return found;
}
