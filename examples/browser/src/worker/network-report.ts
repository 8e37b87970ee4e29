import type { Normalization } from '@resnet/data';
import { namesForPeople } from './class-names.js';
import type { OpenNetwork } from './session.js';

/** A network, for the page. */
export interface NetworkReport {
  /** The name of its file. */
  file: string;
  /** 'resnet20' */
  name: string;
  parameters: number;
  /** Of its classes; 'class 7' where they are not known. */
  classNames: string[];
  /** Of the images that it takes, in pixels. */
  side: number;
  channels: number;
  /** For people; `undefined` where nothing tells. */
  normalization: string | undefined;
}

export function reportOf({ file, model, normalization }: OpenNetwork): NetworkReport {
  const { network } = model;
  const { name, inChannels } = network.architecture;
  return {
    file: file.name,
    name,
    parameters: network.parameterCount(),
    classNames: namesForPeople(model),
    side: network.inputShape[0],
    channels: inChannels,
    normalization: normalization && describe(normalization),
  };
}

function describe({ mean, std }: Normalization): string {
  const list = (values: Float32Array) =>
    Array.from(values, (value) => Number(value.toPrecision(3))).join(', ');
  const means = mean.length === std.length ? `mean ${list(mean)}` : 'a mean for each pixel';
  return `${means}; standard deviation ${list(std)}`;
}
