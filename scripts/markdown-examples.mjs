// The examples in Markdown: their code, what they say they print, and the packages that they need.

/** The code of the fenced blocks of a language. */
export function codeBlocks(markdown, language) {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms');
  return [...markdown.matchAll(fence)].map(([, code]) => code);
}

/** What an example says it prints, as patterns: the comments after its calls of console.log, on the same line. */
export function promises(code) {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed]) => {
    const parts = printed.split('...').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(parts.join('[^]*'));
  });
}

/** The packages that the `npm install` lines of a README name. */
export function installedPackages(markdown) {
  const lines = codeBlocks(markdown, 'sh').flatMap((code) => code.match(/^npm install .*$/gm) ?? []);
  return [...new Set(lines.flatMap((line) => line.replace(/#.*/, '').split(/\s+/).slice(2)))].filter(
    (word) => word !== '' && !word.startsWith('-'),
  );
}

/** The packages that an example imports. */
export function importedPackages(code) {
  return [...code.matchAll(/^import (?:.* from )?'((?:@[^/']+\/)?[^/'.][^/']*).*';$/gm)]
    .map(([, name]) => name)
    .filter((name) => !name.startsWith('node:'));
}
