import { ResnetError } from '@resnet/core';
import { multiScaleView, singleView, tenCropView, type View } from '@resnet/eval';
import { type Model, type ModelNetwork, preprocessor } from '@resnet/zoo';
import type { Images } from '../data-sets/data-sets.js';
import { checkName } from '../options/check-name.js';

export const VIEWS = ['whole', 'center-crop', '10-crop', 'multi-scale'] as const;

/** What a view depends on. */
type Subject = Pick<Model<ModelNetwork>, 'network' | 'preprocessing'>;

export interface ViewOptions {
  view?: string;
  scales?: number[];
}

/** The usual test crops' share of the shorter side: 224 of 256. */
const USUAL_SHARE = 224 / 256;

/**
 * What a network sees of each image of a set: what the options say, or as in all its tests. That is the whole image if the set
 * has images of the network's size, or else the result of its preprocessing.
 *
 * @throws UNKNOWN_NAME, OPTION_INVALID
 */
export function chosenView(options: ViewOptions, set: Images, model: Subject): View {
  const [size] = model.network.inputShape;
  const isThatSize = 'images' in set && set.height === size && set.width === size;
  const view = checkName('view', options.view ?? (isThatSize ? 'whole' : 'center-crop'), VIEWS);
  if (options.scales && view !== 'multi-scale') {
    throw new ResnetError('OPTION_INVALID', `--scales belongs to --view multi-scale, found --view ${view}.`);
  }
  const shorterSide = Math.round(size / USUAL_SHARE);
  switch (view) {
    case 'whole':
      return singleView();
    case 'center-crop':
      return singleView(preprocessor(model));
    case '10-crop':
      return tenCropView({ shorterSide, size });
    case 'multi-scale': {
      const { scales } = options;
      const small = scales?.find((scale) => scale < size);
      if (small !== undefined) {
        const message = `--scales must be at least ${size}, the size of the network's images, found ${small}.`;
        throw new ResnetError('OPTION_INVALID', message);
      }
      return multiScaleView(scales ? { shorterSides: scales } : {});
    }
  }
}
