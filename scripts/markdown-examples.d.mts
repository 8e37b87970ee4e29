export function codeBlocks(markdown: string, language: string): string[];
export function promises(code: string): RegExp[];
export function installedPackages(markdown: string): string[];
export function importedPackages(code: string): string[];
