import { readParquet } from '../../../packages/data/src/formats/parquet/read-parquet.js';
import { one } from '../mutate.js';
import { fileWriter, fixture, type Target } from './target.js';

export async function parquet(folder: string): Promise<Target[]> {
  const names = ['cifar10-huggingface', 'cifar100-huggingface', 'version2', 'snappy2', 'missing'];
  const files = await Promise.all(names.map((name) => fixture('data', `${name}.parquet`)));
  const write = await fileWriter(folder, 'a.parquet');
  const parse = async (bytes: Uint8Array) => {
    const set = await readParquet(await write(bytes));
    for (const index of [0, 1, set.count - 1]) await set.encoded!(index);
  };
  const lengthOf = (file: Uint8Array) =>
    new DataView(file.buffer, file.byteOffset).getUint32(file.length - 8, true);
  return [
    { name: 'Parquet', bases: files, parse },
    {
      name: 'Parquet footer',
      bases: files.map((file) => file.slice(file.length - 8 - lengthOf(file), file.length - 8)),
      wrap(footer, random) {
        const file = one(files, random);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(footer.length);
        const pages = file.subarray(0, file.length - 8 - lengthOf(file));
        return new Uint8Array(Buffer.concat([pages, footer, length, Buffer.from('PAR1')]));
      },
      parse,
    },
  ];
}
