import type { PackedFilters } from '../runtime/packed-filters.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Int8Products } from './context.js';
import type { Int8Kernels, Int8Options } from './install.js';

/** The int8 kernels of a backend, which are loaded when they are first asked for. */
export class LazyInt8 {
  #loading: Promise<void> | undefined;
  #kernels: Int8Kernels | undefined;
  #isDisposed = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly filters: PackedFilters,
    private readonly options: Omit<Int8Options, 'products'>,
  ) {}

  get features(): readonly string[] {
    return this.#kernels ? [this.#kernels.feature] : [];
  }

  get scratchBytes(): number {
    return this.#kernels?.scratchBytes ?? 0;
  }

  /** A load that failed can be tried again. */
  load(products?: Int8Products): Promise<void> {
    this.#loading ??= this.#load(products).catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#kernels?.dispose();
    this.#kernels = undefined;
  }

  async #load(products: Int8Products | undefined): Promise<void> {
    const { installInt8 } = await import('./install.js');
    const kernels = await installInt8(this.runtime, this.filters, { ...this.options, products });
    if (this.#isDisposed) kernels.dispose();
    else this.#kernels = kernels;
  }
}
