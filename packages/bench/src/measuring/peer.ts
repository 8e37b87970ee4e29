/** What is compared. */
export type Library = 'ours' | 'ours-int8' | 'plain-tfjs' | 'onnxruntime';

/** A library with a number of threads. */
export interface Peer {
  library: Library;
  threads: number;
}

const names: Record<Library, string> = {
  ours: 'this project',
  'ours-int8': 'this project, int8',
  'plain-tfjs': 'plain tfjs',
  onnxruntime: 'onnxruntime-web',
};

/** All that compute in float32; tfjs itself has one thread in Node. */
export const peers: Peer[] = [
  { library: 'plain-tfjs', threads: 1 },
  { library: 'onnxruntime', threads: 1 },
  { library: 'ours', threads: 1 },
  { library: 'onnxruntime', threads: 2 },
  { library: 'ours', threads: 2 },
];

/** Those that compute whole networks with 8 bits. */
export const int8Peers: Peer[] = [
  { library: 'ours-int8', threads: 1 },
  { library: 'ours-int8', threads: 2 },
];

/** The name of a peer in tables. */
export function nameOf({ library, threads }: Peer): string {
  return `${names[library]}, ${countThreads(threads)}`;
}

/** '1 thread', '2 threads' */
export function countThreads(threads: number): string {
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}
