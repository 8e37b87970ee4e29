import { expect, it } from 'vitest';
import { nameOf, requirementsOf, unpackedPackages } from './requirements.js';

const METADATA = `Metadata-Version: 2.1
Name: tensorflow
Requires-Dist: numpy>=1.26.0
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-cudnn-cu12 <10.0, >=9.3.0.75 ; extra == 'and-cuda'
Requires-Dist: tensorflow-io>=0.23.1; (sys_platform != "win32") and extra == "gcs-filesystem"

Requires-Dist: not-this; extra == "and-cuda"
`;

it('finds what an extra of a wheel takes', () => {
  expect(requirementsOf(METADATA, 'and-cuda')).toEqual([
    'nvidia-cublas-cu12<13.0,>=12.5.3.2',
    'nvidia-cudnn-cu12<10.0,>=9.3.0.75',
  ]);
  expect(requirementsOf(METADATA.replaceAll('\n', '\r\n'), 'and-cuda')).toHaveLength(2);
  expect(requirementsOf(METADATA, 'none')).toEqual([]);
});

it('compares names as pip does', () => {
  const folders = ['nvidia', 'nvidia_cudnn_cu12-9.28.0.42.dist-info', 'Ten.sor-1.0+cpu.dist-info'];
  const packages = unpackedPackages(folders);
  expect([...packages]).toEqual([
    ['nvidia-cudnn-cu12', '9.28.0.42'],
    ['ten-sor', '1.0+cpu'],
  ]);
  expect(packages.has(nameOf('NVIDIA_cudnn-cu12<10.0,>=9.3'))).toBe(true);
});
