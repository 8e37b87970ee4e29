import { join } from 'node:path';
import { cacheFolder } from '@resnet/files/node';

/** What a backend that computes with TensorFlow's library is made of, on Linux with x64. */
export interface Setup {
  backend: 'node-gpu' | 'node';
  /** tfjs's package on npm, which has the source of its addon. */
  npmPackage: string;
  npmVersion: string;
  /** The package on PyPI that has TensorFlow's library. */
  wheel: string;
  version: string;
  /** Of the wheel's extras, the one whose packages are taken too. */
  extra?: string;
  /** The library takes glibc 2.x; this is x. */
  glibcMinor: number;
  /** For people. */
  contents: string;
  /** Of all of it, about: some of the extra's packages are taken in their newest version. */
  downloadBytes: number;
  /** The library's folder while the last package is unpacked into it. */
  diskBytes: number;
}

export const NPM_VERSION = '4.22.0';

/** The C interface of TensorFlow 2 is stable: any 2.x has what tfjs's addon calls. */
export const SETUPS: Record<Setup['backend'], Setup> = {
  'node-gpu': {
    backend: 'node-gpu',
    npmPackage: '@tensorflow/tfjs-node-gpu',
    npmVersion: NPM_VERSION,
    wheel: 'tensorflow',
    version: '2.21.0',
    extra: 'and-cuda',
    glibcMinor: 27,
    contents: 'TensorFlow 2.21.0, CUDA 12 and cuDNN 9',
    downloadBytes: 3.4e9,
    diskBytes: 7e9,
  },
  node: {
    backend: 'node',
    npmPackage: '@tensorflow/tfjs-node',
    npmVersion: NPM_VERSION,
    wheel: 'tensorflow-cpu',
    version: '2.18.1',
    glibcMinor: 17,
    contents: 'TensorFlow 2.18.1',
    downloadBytes: 0.23e9,
    diskBytes: 1.3e9,
  },
};

/** Where the wheels are unpacked, as pip lays them out: outside of all projects, so that it is downloaded once. */
export function libraryFolder({ wheel, version }: Setup): string {
  return join(cacheFolder(), `${wheel}-${version}`);
}
