/** What is compared. */
export type Library = Float32Library | `${'ours' | 'onnxruntime' | 'litert'}-int8`;
type Float32Library = 'ours' | 'plain-tfjs' | 'onnxruntime' | 'litert' | 'pytorch';

/** A library with a number of threads. */
export interface Peer {
  library: Library;
  threads: number;
}

export const libraryNames: Record<Library, string> = {
  ours: 'this project',
  'ours-int8': 'this project, int8',
  'plain-tfjs': 'plain tfjs',
  onnxruntime: 'onnxruntime-web',
  'onnxruntime-int8': 'onnxruntime-web, int8',
  litert: 'LiteRT.js',
  'litert-int8': 'LiteRT.js, int8',
  pytorch: 'PyTorch, eager',
};

/** Those of single kernels, which compute in float32; tfjs itself has one thread in Node. */
export const kernelPeers: Peer[] = peersOf(['plain-tfjs', 'onnxruntime', 'ours']);

/** Those that compute whole networks; PyTorch with native code. */
export const inferencePeers: Peer[] = peersOf([
  ...(['pytorch', 'plain-tfjs', 'onnxruntime', 'litert', 'ours'] as const),
  ...(['onnxruntime-int8', 'litert-int8', 'ours-int8'] as const),
]);

/** Those of a page. */
export type BrowserLibrary = Exclude<Library, 'plain-tfjs' | 'pytorch'>;
export const browserPeers = peersOf<BrowserLibrary>([
  ...(['onnxruntime', 'litert', 'ours', 'onnxruntime-int8', 'litert-int8', 'ours-int8'] as const),
]);

/** Those that train. */
export const trainingPeers: Peer[] = peersOf(['pytorch', 'plain-tfjs', 'ours']);

/** Those that have operations on regions. */
export const regionPeers: Peer[] = peersOf(['pytorch', 'ours']);

function peersOf<Name extends Library>(libraries: readonly Name[]): (Peer & { library: Name })[] {
  return [1, 2].flatMap((threads) =>
    libraries
      .filter((library) => threads === 1 || library !== 'plain-tfjs')
      .map((library) => ({ library, threads })),
  );
}

/** Whether a library computes with 8 bits. */
export function isInt8({ library }: Peer): boolean {
  return library.endsWith('-int8');
}

/** The name of a peer in tables. */
export function nameOf({ library, threads }: Peer): string {
  return `${libraryNames[library]}, ${countThreads(threads)}`;
}

/** '1 thread', '2 threads' */
export function countThreads(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
