// How a kernel's chunks are shared among threads. Threads take chunks from one counter, so that a thread that is slow, or
// gone, delays only the chunk that it has taken. What a chunk computes depends on its number alone.
import { runChunk } from './generated/dispatch';

/** In shared memory, at an address that each thread gets. */
@unmanaged
export class Control {
  /** The job's number in the high bits, the next chunk in the low 12. */
  ticket: u32;
  completed: i32;
  chunks: i32;
  /** The number of the job's first chunk, for kernels of more chunks than a ticket counts. */
  first: i32;
  kernel: i32;
  task: usize;
  /** Chunks that ended in a trap. */
  failed: i32;
  isStopping: i32;
  /** Threads that wait to be woken. */
  sleeping: i32;
  /** Whether the main thread waits to be woken when a chunk is completed. */
  resting: i32;
  /** The scratch memory of the first thread; the others' follow. */
  scratch: usize;
}

const CHUNK_BITS: u32 = 12;
/** The most chunks of a job, which JavaScript keeps to: fewer than a ticket counts. */
export const CHUNKS_PER_JOB: i32 = 4000;
/** A chunk number that no job reaches: no chunk is left. */
const CLOSED: u32 = (1 << CHUNK_BITS) - 1;
/**
 * How often a thread looks at the ticket before it sleeps: some two thirds of a millisecond, longer than JavaScript takes from
 * one layer of a training step to the next. Waking costs as much as a small layer.
 */
const LOOKS: i32 = 1_000_000;

/** Looks at the chunks of other threads before the main thread rests: some thirty microseconds, as long as a chunk or less. */
const LOOKS_AT_OTHERS: i32 = 50_000;
/** Nanoseconds after which a rest ends in any case. */
const LONGEST_REST: i64 = 20_000_000;

@inline
function scratchOf(control: Control, thread: i32): usize {
  return <usize>load<u32>(changetype<usize>(control) + offsetof<Control>('scratch') + ((<usize>thread) << 2));
}

/** Runs all chunks on this thread. */
export function run(kernel: i32, task: usize, chunks: i32, scratch: usize): void {
  for (let chunk = 0; chunk < chunks; chunk++) runChunk(kernel, task, chunk, scratch);
}

/** Offers a job to all threads. The ticket is closed while its parts change, and opened last. */
export function publish(address: usize, kernel: i32, task: usize, first: i32, chunks: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  const control = changetype<Control>(address);
  const job = ((atomic.load<u32>(address) >> CHUNK_BITS) + 1) << CHUNK_BITS;
  atomic.store<u32>(address, job | CLOSED);
  control.kernel = kernel;
  control.task = task;
  control.first = first;
  atomic.store<i32>(address, chunks, offsetof<Control>('chunks'));
  atomic.store<i32>(address, 0, offsetof<Control>('completed'));
  atomic.store<i32>(address, 0, offsetof<Control>('failed'));
  atomic.store<u32>(address, job + (1 << CHUNK_BITS));
  if (atomic.load<i32>(address, offsetof<Control>('sleeping')) > 0) atomic.notify(address, -1);
}

/** Takes chunks of the present job until none is left. */
export function work(address: usize, thread: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  const control = changetype<Control>(address);
  while (true) {
    const ticket = atomic.load<u32>(address);
    const chunk = ticket & CLOSED;
    // A chunk can't be taken with an old ticket, as a new job has a new number.
    if (chunk >= <u32>atomic.load<i32>(address, offsetof<Control>('chunks'))) return;
    if (atomic.cmpxchg<u32>(address, ticket, ticket + 1) != ticket) continue;
    runChunk(control.kernel, control.task, control.first + <i32>chunk, scratchOf(control, thread));
    complete(address);
  }
}

/** The loop of a worker until the backend ends: waits for jobs and works. Ends in a trap if a chunk does. */
export function serve(address: usize, thread: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  const control = changetype<Control>(address);
  while (!atomic.load<i32>(address, offsetof<Control>('isStopping'))) {
    const seen = atomic.load<u32>(address);
    work(address, thread);
    let ticket = atomic.load<u32>(address);
    for (let look = 0; look < LOOKS && ticket >> CHUNK_BITS == seen >> CHUNK_BITS; look++) {
      ticket = atomic.load<u32>(address);
    }
    if (ticket >> CHUNK_BITS != seen >> CHUNK_BITS) continue;
    atomic.add<i32>(address, 1, offsetof<Control>('sleeping'));
    atomic.wait<i32>(address, <i32>ticket, -1);
    atomic.sub<i32>(address, 1, offsetof<Control>('sleeping'));
  }
}

/** Records that a thread's chunk ended in a trap. */
export function fail(address: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.add<i32>(address, 1, offsetof<Control>('failed'));
  complete(address);
}

function complete(address: usize): void {
  atomic.add<i32>(address, 1, offsetof<Control>('completed'));
  if (atomic.load<i32>(address, offsetof<Control>('resting'))) atomic.notify(address + offsetof<Control>('completed'), 1);
}

/** Briefly waits, in a busy loop, for chunks that other threads have taken. Returns how many are not completed. */
export function settle(address: usize): i32 {
  if (!ASC_FEATURE_THREADS) return 0;
  const chunks = atomic.load<i32>(address, offsetof<Control>('chunks'));
  let missing = chunks;
  for (let look = 0; look < LOOKS_AT_OTHERS && missing > 0; look++) {
    missing = chunks - atomic.load<i32>(address, offsetof<Control>('completed'));
  }
  return missing;
}

/**
 * Lets the main thread sleep until a chunk is completed. Where another program has taken the core of a thread in the middle of a
 * chunk, that thread gets the main thread's core meanwhile.
 */
export function rest(address: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  const completed = atomic.load<i32>(address, offsetof<Control>('completed'));
  if (completed == atomic.load<i32>(address, offsetof<Control>('chunks'))) return;
  atomic.store<i32>(address, 1, offsetof<Control>('resting'));
  atomic.wait<i32>(address + offsetof<Control>('completed'), completed, LONGEST_REST);
  atomic.store<i32>(address, 0, offsetof<Control>('resting'));
}

/** Asks all threads to end. */
export function stop(address: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.store<i32>(address, 1, offsetof<Control>('isStopping'));
  atomic.store<u32>(address, ((atomic.load<u32>(address) >> CHUNK_BITS) + 1) << CHUNK_BITS | CLOSED);
  atomic.notify(address, -1);
}
