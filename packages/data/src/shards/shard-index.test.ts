import { coded } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { formatIndex, parseIndex } from './shard-index.js';

describe('parseIndex', () => {
  const index = { shards: [{ file: 'a.tar', count: 2 }], classes: ['x', 'y'] };

  it('reads what formatIndex writes, and what WebDataset does', () => {
    expect(parseIndex(formatIndex(index), 'index.json')).toEqual(index);
    const foreign = { wids_version: 1, shardlist: [{ url: 'b.tar', nsamples: 1, filesize: 3 }], name: 'x' };
    expect(parseIndex(JSON.stringify(foreign), 'i')).toEqual({
      shards: [{ file: 'b.tar', count: 1 }],
      classes: undefined,
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '{"shardlist": []}',
    '{"shardlist": [null]}',
    '{"shardlist": [{"url": "../a.tar", "nsamples": 1}]}',
    '{"shardlist": [{"url": "/etc/a.tar", "nsamples": 1}]}',
    '{"shardlist": [{"url": "..\\\\a.tar", "nsamples": 1}]}',
    '{"shardlist": [{"url": "http://elsewhere/a.tar", "nsamples": 1}]}',
    '{"shardlist": [{"url": "a.tar", "nsamples": 1.5}]}',
    '{"shardlist": [{"url": "a.tar", "nsamples": 0}]}',
    '{"shardlist": [{"url": "a.tar", "nsamples": 1e18}]}',
    '{"shardlist": [{"url": "a.tar", "nsamples": 1}], "classes": [1]}',
  ])('refuses %s', (text) => {
    expect(() => parseIndex(text, 'index.json')).toThrow(coded('DATA_INVALID', 'index.json'));
  });
});
