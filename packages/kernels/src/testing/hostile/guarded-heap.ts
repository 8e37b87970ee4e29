import type { TfjsWasmBackend } from '../../runtime/tfjs-wasm.js';

/** Bytes before and after every allocation that nobody may write to. As numbers they are NaN and -1. */
const GUARD_BYTES = 256;
const GUARD = 0xff;

/** A heap that sees every write beyond what was allocated, on either side: of tensors, packed filters and scratch. */
export class GuardedHeap {
  private readonly sizes = new Map<number, number>();
  private readonly originals: Pick<TfjsWasmBackend['wasm'], '_malloc' | '_free'>;
  /** Bytes that were overwritten where memory was given back. */
  private readonly found: string[] = [];

  /** Must come before the kernels are installed. What is allocated from now on is guarded. */
  constructor(private readonly wasm: TfjsWasmBackend['wasm']) {
    // At its first call each of these functions puts another one in its place.
    wasm._free(wasm._malloc(16));
    this.originals = { _malloc: wasm._malloc, _free: wasm._free };
    wasm._malloc = (bytes) => this.allocate(bytes);
    wasm._free = (address) => this.free(address >>> 0);
  }

  get allocations(): number {
    return this.sizes.size;
  }

  /** What was overwritten since the last call; nothing where all is well. */
  damage(): string[] {
    const damaged = this.found.splice(0);
    for (const address of this.sizes.keys()) damaged.push(...this.damageAround(address));
    return damaged;
  }

  restore(): void {
    Object.assign(this.wasm, this.originals);
  }

  private allocate(bytes: number): number {
    const address = this.originals._malloc(bytes + 2 * GUARD_BYTES) >>> 0;
    if (address === 0) return 0;
    // What a kernel leaves unwritten is wrong too.
    this.wasm.HEAPU8.fill(GUARD, address, address + bytes + 2 * GUARD_BYTES);
    this.sizes.set(address + GUARD_BYTES, bytes);
    return address + GUARD_BYTES;
  }

  private free(address: number): void {
    if (!this.sizes.has(address)) {
      if (address !== 0) this.originals._free(address);
      return;
    }
    this.found.push(...this.damageAround(address));
    this.sizes.delete(address);
    this.originals._free(address - GUARD_BYTES);
  }

  private damageAround(address: number): string[] {
    const bytes = this.sizes.get(address)!;
    const heap = this.wasm.HEAPU8;
    const damaged: string[] = [];
    for (let offset = 1; offset <= GUARD_BYTES; offset++) {
      const [before, after] = [address - offset, address + bytes + offset - 1];
      if (heap[before] !== GUARD) damaged.push(`${offset} bytes before an allocation of ${bytes}`);
      if (heap[after] !== GUARD) damaged.push(`${offset - 1} bytes after an allocation of ${bytes}`);
    }
    for (const end of damaged.length > 0 ? [address - GUARD_BYTES, address + bytes] : []) {
      heap.fill(GUARD, end, end + GUARD_BYTES);
    }
    return damaged.slice(0, 2);
  }
}
