"""Has naga check shaders: naga.py FOLDER. `naga.mjs` calls it."""

import sys
from pathlib import Path

import wgpu

device = wgpu.gpu.request_adapter_sync().request_device_sync()
files = sorted(Path(sys.argv[1]).glob("*.wgsl"))
refused = 0
for file in files:
    code = file.read_text()
    try:
        device.create_shader_module(code=code)
    except wgpu.GPUError as error:
        refused += 1
        print(f"{file}: {code.splitlines()[0]}\n{error}")
print(f"naga of wgpu {wgpu.__version__}: {len(files)} shaders, {refused} refused.")
sys.exit(1 if refused or not files else 0)
