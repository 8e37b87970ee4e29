import { ResnetError, unknownName } from '@resnet/core';

/** Applies an assignment such as 'labelSmoothing=0.1', 'schedule.factor=0.2' or 'examples.regions.count=64' to a recipe. */
export function assign(recipe: object, assignment: string): void {
  const at = assignment.indexOf('=');
  const [path, text] = [assignment.slice(0, Math.max(0, at)), assignment.slice(at + 1)];
  if (at < 1) {
    throw new ResnetError('OPTION_INVALID', `--set takes KEY=VALUE, found '${assignment}'.`);
  }
  const keys = path.split('.');
  if (path === 'name') throw unknownSetting(path, recipe, '');
  let within = recipe as Record<string, unknown>;
  for (const [depth, key] of keys.entries()) {
    if (!Object.hasOwn(within, key)) throw unknownSetting(path, within, keys.slice(0, depth).join('.'));
    if (depth === keys.length - 1) {
      within[key] = parsed(text);
      return;
    }
    const inner = within[key];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) {
      throw unknownSetting(path, within, keys.slice(0, depth).join('.'));
    }
    // The settings of named recipes stay as they are.
    within[key] = { ...inner };
    within = within[key] as Record<string, unknown>;
  }
}

function unknownSetting(path: string, within: object, prefix: string) {
  const known = Object.keys(within).filter((key) => prefix !== '' || key !== 'name');
  return unknownName(
    'setting',
    path,
    known.map((key) => (prefix === '' ? key : `${prefix}.${key}`)),
  );
}

/** As JSON, or as a word where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
