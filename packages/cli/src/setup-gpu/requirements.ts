/**
 * What a wheel asks for besides itself, if an extra is chosen.
 *
 * @param metadata its file METADATA
 * @returns requirements as pip takes them: 'nvidia-cudnn-cu12<10.0,>=9.3.0.75'
 */
export function requirementsOf(metadata: string, extra: string): string[] {
  const [header = ''] = metadata.split(/\r?\n\r?\n/, 1);
  return header.split(/\r?\n/).flatMap((line) => {
    const [, requirement, of] = /^Requires-Dist: ([^;]+);\s*extra == ["']([^"']+)["']\s*$/.exec(line) ?? [];
    return requirement !== undefined && of === extra ? requirement.replace(/\s+/g, '') : [];
  });
}

/** The name of a package in a requirement, in the form in which names are compared. */
export function nameOf(requirement: string): string {
  return normalized(/^[\w.-]+/.exec(requirement)![0]);
}

/** Names are equal if they differ in case or in kinds of dashes only. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** @param folders names of folders; those of unpacked packages end in '-<version>.dist-info' */
export function unpackedPackages(folders: readonly string[]): Map<string, string> {
  return new Map(
    folders.flatMap((folder) => {
      const [, name, version] = /^([\w.]+)-([\w.!+]+)\.dist-info$/.exec(folder) ?? [];
      return name === undefined ? [] : [[normalized(name), version!] as const];
    }),
  );
}
