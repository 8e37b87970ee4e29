import type { StrideOn } from '@resnet/blocks';
import { IMAGENET_NORMALIZATION, type Normalization } from '@resnet/data';
import type { FileReference } from './repository-file.js';

/** Weights of a network that somebody has trained, and how they want their images. */
export interface PretrainedFile {
  /** The network's name, as `create` takes it. */
  network: string;
  file: FileReference;
  /** An SPDX name. */
  license: string;
  normalization: Normalization;
  input: {
    /** Height and width of the network's input. */
    size: number;
    /** How much of the shorter side of an image the square from its center takes; the rest is cut off. */
    crop: number;
    /** How images are resized before. */
    interpolation: 'bilinear' | 'bicubic';
  };
  /** Which convolution of a bottleneck has the stride. */
  strideOn?: StrideOn;
}

type Pin = Omit<FileReference, 'repository' | 'path'>;

const path = 'model.safetensors';

/** How timm calls procedures of training, and what their weights are like. */
const PROCEDURES = {
  /** torchvision's first weights, which most papers compare to; timm has them as safetensors. */
  tv_in1k: { license: 'BSD-3-Clause', input: { size: 224, crop: 0.875, interpolation: 'bilinear' } },
  /** 'ResNet strikes back: An improved training procedure in timm' (2021), its longest procedure, A1. */
  a1_in1k: { license: 'Apache-2.0', input: { size: 224, crop: 0.95, interpolation: 'bicubic' } },
} as const;

const timm = (network: string, procedure: keyof typeof PROCEDURES, pin: Pin = {}): PretrainedFile => ({
  network,
  file: { repository: `timm/${network}.${procedure}`, path, ...pin },
  ...PROCEDURES[procedure],
  normalization: IMAGENET_NORMALIZATION,
  // ResNet-18 and 34 have no bottlenecks.
  ...(/^resnet(18|34)$/.test(network) ? {} : { strideOn: '3x3' }),
});

/** torchvision's, by the network's name. */
const torchvision = {
  resnet18: timm('resnet18', 'tv_in1k', {
    commit: 'bbd144b3e5565108aad885f145491d11bc6ce807',
    bytes: 46807446,
    sha256: '694f673df6520a3158624e8a89af086f59923ee4cd7436fe5bc3bc71d295ad81',
  }),
  resnet34: timm('resnet34', 'tv_in1k', {
    commit: '1b7b21cca82ff974d341713f777bf740c2db38c4',
    bytes: 87278522,
    sha256: '0bb82595a564991a9d424708b33f5d843f5aaed7f6c0886ff10849ff97022235',
  }),
  resnet50: timm('resnet50', 'tv_in1k', {
    commit: '78f3ecfdb38e06d9b8397f662e7ab8fee96026fa',
    bytes: 102469840,
    sha256: '5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888',
  }),
  resnet101: timm('resnet101', 'tv_in1k'),
  resnet152: timm('resnet152', 'tv_in1k', {
    commit: '1f8fa579af406a6f10e457a6dce6909c9157a70f',
    sha256: '15897077afdf4d6334dc0c3f8e6fb483afb3faa9298c139f3c6eb29bca6ae5b2',
  }),
};

/**
 * Trained weights by name: torchvision's first ones by the network's name, others with a variant, as in timm. Where the commit, size
 * or sha256 is missing, the hub is asked for it.
 */
export const pretrainedFiles: Readonly<Record<string, PretrainedFile>> = {
  ...torchvision,
  ...Object.fromEntries(Object.entries(torchvision).map(([name, file]) => [`${name}.tv_in1k`, file])),
  'resnet18.a1_in1k': timm('resnet18', 'a1_in1k', {
    commit: '491b427b45c94c7fb0e78b5474cc919aff584bbf',
    bytes: 46807446,
    sha256: '80c49dee3da4822c009c5a7fe591e9223c5a2cfcf95a4067ca4dfb5a7b89c612',
  }),
  'resnet50.a1_in1k': timm('resnet50', 'a1_in1k', {
    commit: '767268603ca0cb0bfe326fa87277f19c419566ef',
    bytes: 102469840,
    sha256: '773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb',
  }),
  'microsoft/resnet-50': {
    network: 'resnet50',
    file: {
      repository: 'microsoft/resnet-50',
      path,
      commit: '34c2154c194f829b11125337b98c8f5f9965ff19',
      sha256: '9c6061af1f450bb0847e529fd742aa5066017be379c71bbf5546b198e5b13a1e',
    },
    license: 'Apache-2.0',
    normalization: IMAGENET_NORMALIZATION,
    input: { size: 224, crop: 0.875, interpolation: 'bicubic' },
    strideOn: '3x3',
  },
};
