/** The command line that goes on with the training that this one began, for the user to paste into a shell. */
export function resumeCommand(argv: readonly string[]): string {
  return commandLine(argv.includes('--resume') ? argv : [...argv, '--resume']);
}

/** A command line for the user to paste into a shell. */
export function commandLine(argv: readonly string[]): string {
  return ['resnet', ...argv.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
