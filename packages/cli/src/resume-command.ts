/** The command line that goes on with the training that this one began, for the user to paste into a shell. */
export function resumeCommand(argv: readonly string[]): string {
  const words = argv.includes('--resume') ? argv : [...argv, '--resume'];
  return ['resnet', ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
