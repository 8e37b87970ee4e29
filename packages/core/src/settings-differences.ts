/**
 * All settings in one record; settings in nested objects have their path as the key: 'recipe.batchSize'. Values are JSON texts;
 * undefined ones are left out.
 */
export function settingTexts(settings: object, prefix = ''): Record<string, string> {
  const texts = Object.entries(settings).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    const path = `${prefix}${key}`;
    return isRecord(value) && Object.keys(value).length > 0
      ? Object.entries(settingTexts(value, `${path}.`))
      : [[path, JSON.stringify(value)]];
  });
  return Object.fromEntries(texts);
}

/**
 * The differences between two records of settings, one per line: '  recipe.batchSize: 8 there, 4 here'.
 *
 * @param where the location of each record, for messages: 'there', 'in a.json'
 */
export function describeDifferences(
  first: Readonly<Record<string, string>>,
  second: Readonly<Record<string, string>>,
  where: readonly [first: string, second: string] = ['there', 'here'],
): string[] {
  return [...new Set([...Object.keys(first), ...Object.keys(second)])]
    .filter((key) => first[key] !== second[key])
    .map((key) => `  ${key}: ${first[key] ?? 'none'} ${where[0]}, ${second[key] ?? 'none'} ${where[1]}`);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
