import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { StartedBackend } from '../backend.js';
import { backendLost } from './lost.js';
import { bringUp, MissingPackage, reasonOf, tensorMemory } from './starting.js';

type TfjsWebgl = typeof import('@tensorflow/tfjs-backend-webgl');

/** A GPU through a browser's WebGL 2. */
export async function startWebglBackend(): Promise<StartedBackend> {
  const tfjsWebgl = await load();
  if (typeof WebGL2RenderingContext === 'undefined') {
    const message = 'The webgl backend needs a browser with WebGL 2. In Node, use webgpu or wasm.';
    throw new ResnetError('BACKEND_FAILED', message);
  }
  await bringUp('webgl', 'webgl', () => createWatched(tfjsWebgl));
  const context = contextOf();
  const float32 = tf.env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE');
  return {
    name: 'webgl',
    device: `WebGL on ${rendererOf(context)}${float32 ? '' : ', in half precision only'}`,
    threads: 1,
    features: [float32 ? 'float32' : 'float16'],
    warnings: [],
    memory: tensorMemory,
  };
}

async function load(): Promise<TfjsWebgl> {
  try {
    return await import('@tensorflow/tfjs-backend-webgl');
  } catch (cause) {
    throw new MissingPackage(cause);
  }
}

function contextOf(): WebGL2RenderingContext {
  const { gpgpu } = tf.findBackend('webgl') as unknown as { gpgpu: { gl: WebGL2RenderingContext } };
  return gpgpu.gl;
}

function rendererOf(context: WebGL2RenderingContext): string {
  const names = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}

/**
 * A context that is lost computes nothing, reads zeros or waits forever, without an error. tfjs lets browsers restore it,
 * but then everything in it is gone.
 */
function createWatched({ MathBackendWebGL }: TfjsWebgl): tf.KernelBackend {
  type Backend = InstanceType<typeof MathBackendWebGL>;
  let loss: ResnetError | undefined;
  const lost = (reason: string) => {
    loss ??= backendLost('webgl', reason);
    return loss;
  };

  class Watched extends MathBackendWebGL {
    readonly #lost = new Promise<never>((_, reject) => {
      const onLost = () => reject(lost('the browser took its context away'));
      this.gpgpu.gl.canvas.addEventListener('webglcontextlost', onLost, { once: true });
    });

    constructor() {
      super();
      // Without a handler, a loss while nobody waits would be an unhandled rejection.
      this.#lost.catch(() => {});
    }

    /** Read by `bringUp`. */
    get loss() {
      return loss;
    }

    override runWebGLProgram(...parameters: Parameters<Backend['runWebGLProgram']>) {
      if (loss) throw loss;
      try {
        return super.runWebGLProgram(...parameters);
      } catch (error) {
        // A lost context fails to compile before it reports its loss.
        throw lost(reasonOf(error));
      }
    }

    override readSync(dataId: object) {
      const values = super.readSync(dataId);
      if (loss) throw loss;
      return values;
    }

    override async read(dataId: object) {
      if (loss) throw loss;
      return Promise.race([super.read(dataId), this.#lost]);
    }
  }
  return new Watched();
}
