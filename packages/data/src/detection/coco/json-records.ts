import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { streamRegularFile, unreadable } from '@resnet/files/node';
import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';

/** More than twice COCO's largest file. */
const MOST_JSON_BYTES = 2 ** 30;
/** The values of a record's wanted fields, brackets and commas among them. */
const MOST_TOKENS = 100;
const MOST_CHARACTERS = 4096;
const MOST_DEPTH = 100;

/** A record of a list in a file; what it holds is not checked. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What is read of a file: the fields of the records in its lists, by the list's name; of a file that is a list, by ''. */
export type WantedFields = Readonly<Record<string, readonly string[]>>;

type Token = Parameters<TokenParser['write']>[0];

/**
 * Reads records from a JSON file of any size, one after the other, without what is not wanted of them: the masks of a large
 * set would fill the memory, and its text is longer than a string can be.
 *
 * @param take called with each record; it may throw
 * @throws FILE_UNREADABLE if the system refuses; DATA_INVALID if it is no JSON, is longer than 1 GiB, or what is wanted is no list of
 *   records; what `take` throws
 */
export async function readJsonRecords(
  path: string,
  wanted: WantedFields,
  take: (list: string, record: JsonRecord) => void,
): Promise<void> {
  const invalid = (problem: string, cause?: unknown) =>
    new ResnetError('DATA_INVALID', `'${path}' must be JSON of COCO, found ${problem}.`, { cause });
  const filter = new TokenFilter(wanted, invalid);
  const parser = new TokenParser({
    paths: '' in wanted ? ['$.*'] : Object.keys(wanted).map((name) => `$.${name}.*`),
    keepStack: false,
  });
  const tokenizer = new Tokenizer();
  tokenizer.onToken = (token) => {
    const kept = filter.kept(token);
    if (kept) parser.write(kept);
  };
  parser.onValue = ({ value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(`something else than objects in ${filter.listName()}`);
    }
    take(filter.list, value as JsonRecord);
  };
  let bytes = 0;
  const feed = (work: () => void) => {
    try {
      work();
    } catch (cause) {
      if (ResnetError.is(cause)) throw cause;
      throw invalid(`no JSON: ${quote((cause as Error).message)}`, cause);
    }
  };
  for await (const chunk of chunksOf(path)) {
    bytes += chunk.length;
    if (bytes > MOST_JSON_BYTES) throw invalid(`more than ${MOST_JSON_BYTES} bytes`);
    feed(() => tokenizer.write(chunk));
  }
  feed(() => tokenizer.end());
  if (!parser.isEnded) throw invalid('no end');
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* streamRegularFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Replaces the values of fields that are not wanted by null, so that the parser does not gather them. */
class TokenFilter {
  /** The list that is being read. */
  list = '';
  readonly #wanted: WantedFields;
  readonly #invalid: (problem: string) => ResnetError;
  /** The levels of what is wanted: whether each is an object. */
  readonly #levels: boolean[] = [];
  #isKeyNext = false;
  #isSkippedNext = false;
  #isListNext: boolean;
  /** Levels inside a value that is skipped. */
  #skipped = 0;
  #tokens = 0;

  constructor(wanted: WantedFields, invalid: (problem: string) => ResnetError) {
    this.#wanted = wanted;
    this.#invalid = invalid;
    this.#isListNext = '' in wanted;
  }

  /** For messages. */
  listName(): string {
    return this.list === '' ? 'the list' : quote(this.list);
  }

  kept({ token, value }: Token): Token | undefined {
    const isOpening = token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET;
    const isClosing = token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
    if (this.#skipped > 0) {
      if (isOpening) this.#skipped++;
      if (isClosing) this.#skipped--;
      if (this.#skipped > MOST_DEPTH)
        throw this.#invalid(`values nested more than ${MOST_DEPTH} levels deep`);
      return undefined;
    }
    if (token === TokenType.STRING && this.#isKeyNext)
      return { token, value: this.#key(value as string) } as Token;
    if (token === TokenType.COLON) return { token, value } as Token;
    if (this.#isSkippedNext && !isClosing && token !== TokenType.COMMA) {
      this.#isSkippedNext = false;
      if (isOpening) this.#skipped = 1;
      return { token: TokenType.NULL, value: null } as Token;
    }
    if (this.#isListNext && token !== TokenType.LEFT_BRACKET)
      throw this.#invalid(`no list as ${this.listName()}`);
    this.#isListNext = false;
    if (isOpening) this.#open(token === TokenType.LEFT_BRACE);
    if (isClosing) this.#levels.pop();
    if (isClosing) this.#isKeyNext = false;
    if (token === TokenType.COMMA) this.#isKeyNext = this.#levels.at(-1) === true;
    if (typeof value === 'string' && value.length > MOST_CHARACTERS) {
      throw this.#invalid(`a text of more than ${MOST_CHARACTERS} characters`);
    }
    if (this.#levels.length > this.#above && ++this.#tokens > MOST_TOKENS)
      throw this.#invalid(`a record of more than ${MOST_TOKENS} values in ${this.listName()}`);
    return { token, value } as Token;
  }

  /** The levels around a record. */
  get #above(): number {
    return '' in this.#wanted ? 1 : 2;
  }

  #open(isObject: boolean): void {
    this.#levels.push(isObject);
    this.#isKeyNext = isObject;
    if (this.#levels.length <= this.#above + 1) this.#tokens = 0;
    if (this.#levels.length > this.#above + 2)
      throw this.#invalid(`values nested too deep in ${this.listName()}`);
  }

  /** Decides whether the value of a key is wanted. @returns the key, shortened if it is not */
  #key(name: string): string {
    this.#isKeyNext = false;
    const isOfList = this.#levels.length < this.#above;
    const isWanted = isOfList
      ? Object.hasOwn(this.#wanted, name)
      : this.#levels.length > this.#above + 1 || (this.#wanted[this.list] ?? []).includes(name);
    if (isOfList && isWanted) {
      this.list = name;
      this.#isListNext = true;
    }
    this.#isSkippedNext = !isWanted;
    return isWanted ? name : '';
  }
}
