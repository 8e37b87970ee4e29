import { join } from 'node:path';
import { packTar } from 'modern-tar';
import sharp from 'sharp';
import { tarShards } from '../../../packages/data/src/shards/tar-shards.js';
import { entry, mtime, withChecksums } from './tar.js';
import { bytesOf, fileWriter, json, type Target } from './target.js';

export async function shards(folder: string): Promise<Target[]> {
  const png = new Uint8Array(
    await sharp({ create: { width: 3, height: 2, channels: 3, background: '#123456' } })
      .png()
      .toBuffer(),
  );
  const shardTar = await packTar([
    entry('d/a.jpg', png),
    entry('d/a.cls', bytesOf('0')),
    { header: { name: 'link', size: 0, mtime, type: 'symlink', linkname: 'a' } },
    entry(`${'b'.repeat(120)}.png`, png),
    entry(`${'b'.repeat(120)}.json`, json({})),
    entry(`${'b'.repeat(120)}.cls`, bytesOf('1\n')),
  ]);
  const index = {
    __kind__: 'wids-shard-index-v1',
    wids_version: 1,
    shardlist: [{ url: 'a.tar', nsamples: 2 }],
    classes: ['x', 'y'],
  };
  const stream = async (top: string) => {
    const set = await tarShards(top, { bufferSize: 3 });
    const order = { seed: 1, epoch: 0, isShuffled: true, shard: [0, 1] as const };
    for await (const sample of set.stream(order, 0)) await sample.read();
  };
  const plain = join(folder, 'shards');
  const indexed = join(folder, 'indexed');
  const writeShard = await fileWriter(plain, 'a.tar');
  const writeIndex = await fileWriter(indexed, 'index.json');
  await (await fileWriter(indexed, 'a.tar'))(shardTar);
  return [
    {
      name: 'tar shard',
      bases: [shardTar],
      wrap: withChecksums,
      async parse(bytes) {
        await writeShard(bytes);
        await stream(plain);
      },
    },
    {
      name: 'index of shards',
      bases: [json(index)],
      isText: true,
      async parse(bytes) {
        await writeIndex(bytes);
        await stream(indexed);
      },
    },
  ];
}
