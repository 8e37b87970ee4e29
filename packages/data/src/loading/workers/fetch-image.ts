import { ResnetError } from '@resnet/core';

/** The bytes of an image file at an address. @throws FILE_UNREADABLE */
export async function fetchImage(url: string): Promise<Uint8Array> {
  const unreadable = (found: string, cause?: unknown) =>
    new ResnetError('FILE_UNREADABLE', `The image '${url}' can't be read: ${found}.`, { cause });
  const response = await fetch(url).catch((cause) => {
    throw unreadable(cause.message, cause);
  });
  if (!response.ok) throw unreadable(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
