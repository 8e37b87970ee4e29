import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { IMAGENET_NORMALIZATION } from '@resnet/data';
import { type FakeServer, impatient, json, refusal, startServer, status, whole } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cifarResNet } from '../networks/cifar.js';
import { networkNames } from '../networks/registry.js';
import { commit, fileOf } from '../testing/hub-file.js';
import { writeSafetensors } from '../weights/safetensors.js';
import * as host from './host.node.js';
import { load, type PretrainedOptions } from './load-pretrained.js';
import { pretrainedFiles } from './pretrained-files.js';
import { checkReference } from './repository-file.js';

let backend: Backend;
let bytes: Uint8Array;
beforeAll(async () => {
  backend = await useBackend('cpu');
  const network = cifarResNet(20, { shortcut: 'B', seed: 3 });
  bytes = writeSafetensors(await network.stateDict(), { format: 'pt' });
  network.dispose();
});
afterAll(() => backend.dispose());

let folder: string;
let hub: FakeServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-hub-'));
  hub = await startServer();
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

const open = (name: string, options: PretrainedOptions = {}) =>
  load(name, { hub: hub.url, cacheFolder: folder, retry: impatient, ...options }, host);

/** What the hub says of a file. */
const described = (content: Uint8Array, path = 'model.safetensors') => {
  const lfs = { size: content.length, sha256: fileOf(content).sha256 };
  return json({ sha: commit, siblings: [{ rfilename: path, lfs }] });
};

describe('loadPretrained', () => {
  it('opens any repository with weights of a network of this project', async () => {
    hub.answers = [described(bytes), whole(bytes)];
    const before = tf.memory().numTensors;
    const model = await open('someone/cifar');
    expect(model.network.architecture).toMatchObject({ name: 'resnet20', shortcut: 'B' });
    expect(model.network.training).toBe(false);
    expect(model.network.inputShape).toEqual([32, 32, 3]);
    model.network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes another size of images', async () => {
    hub.answers = [described(bytes), whole(bytes)];
    const model = await open('someone/cifar', { imageSize: 40 });
    expect(model.network.inputShape).toEqual([40, 40, 3]);
    model.network.dispose();
  });

  it('refuses what timm computes otherwise with the same tensors, by the repository’s name', async () => {
    hub.answers = [described(bytes), whole(bytes)];
    await expect(open('timm/resnetblur50.bt_in1k')).rejects.toEqual(
      refusal('WEIGHTS_MISMATCH', '"resnetblur50.bt_in1k", which is no network of this project'),
    );
  });

  it('takes another file, revision and network of a repository', async () => {
    hub.answers = [described(bytes, 'weights/best.safetensors'), whole(bytes)];
    const options = { path: 'weights/best.safetensors', revision: 'v1', network: 'resnet20' };
    const model = await open('someone/cifar', options);
    model.network.dispose();
    expect(hub.requests[0]!.url).toMatch('/revision/v1?');
    expect(hub.requests[1]!.url).toMatch('/weights/best.safetensors');
    hub.answers = [described(bytes, options.path)];
    await expect(open('someone/cifar', { ...options, network: 'resnet32' })).rejects.toEqual(
      refusal('WEIGHTS_MISMATCH', 'weights/best.safetensors of someone/cifar'),
    );
  });

  it('names the file whose contents are wrong', async () => {
    const page = new TextEncoder().encode('no weights at all');
    hub.answers = [described(page), whole(page)];
    await expect(open('someone/page')).rejects.toEqual(
      refusal('WEIGHTS_INVALID', 'model.safetensors of someone/page'),
    );
  });

  it('fetches what the table has under a name, or for a repository', async () => {
    hub.answers = [status(404)];
    for (const name of ['resnet50', 'resnet50.tv_in1k', 'timm/resnet50.tv_in1k']) {
      await expect(open(name)).rejects.toEqual(refusal('WEIGHTS_MISSING', 'timm/resnet50.tv_in1k'));
      expect(hub.requests.at(-1)!.url).toBe(
        '/timm/resnet50.tv_in1k/resolve/78f3ecfdb38e06d9b8397f662e7ab8fee96026fa/model.safetensors',
      );
    }
    await expect(open('timm/resnet50.tv_in1k', { revision: commit })).rejects.toEqual(
      refusal('WEIGHTS_MISSING'),
    );
    expect(hub.requests.at(-1)!.url).toBe(`/api/models/timm/resnet50.tv_in1k/revision/${commit}?blobs=true`);
  });

  it('does not take another file for one of the table', async () => {
    hub.answers = [whole(bytes)];
    await expect(open('resnet18')).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'expected 46807446 bytes'));
    hub.answers = [described(bytes)];
    await expect(open('resnet152')).rejects.toEqual(refusal('WEIGHTS_CORRUPT', 'expected commit 1f8fa579'));
  });

  it('knows the names that it does not know', async () => {
    await expect(open('resnet51')).rejects.toEqual(refusal('UNKNOWN_NAME', "Did you mean 'resnet50'?"));
    await expect(open('constructor')).rejects.toEqual(refusal('UNKNOWN_NAME'));
    await expect(open('resnet50', { revision: 'x' })).rejects.toEqual(refusal('OPTION_INVALID', 'revision'));
    expect(hub.requests).toEqual([]);
  });
});

describe('the table of pretrained files', () => {
  it.each(Object.entries(pretrainedFiles))('has all that it takes for %s', (_, entry) => {
    const { network, file, license, normalization, input, strideOn } = entry;
    expect(networkNames).toContain(network);
    expect(() => checkReference(file)).not.toThrow();
    expect(['BSD-3-Clause', 'Apache-2.0']).toContain(license);
    expect(normalization).toBe(IMAGENET_NORMALIZATION);
    expect(input.size).toBe(224);
    expect(strideOn).toBe(/18|34/.test(network) ? undefined : '3x3');
  });
});
