import { ResnetError } from '@resnet/core';
import { readRegularText } from '@resnet/files/node';

/** The text of a file that an option names. @param what it holds, for the message @throws FILE_UNREADABLE */
export async function readText(what: string, path: string, mostBytes: number): Promise<string> {
  return readRegularText(path, mostBytes).catch((cause: Error) => {
    throw new ResnetError('FILE_UNREADABLE', `Can't read ${what} from ${path}: ${cause.message}.`, { cause });
  });
}
