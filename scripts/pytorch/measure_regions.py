"""Times torchvision's operations on regions, and PyTorch's nearest upsampling, beside `npm run bench -- regions`:

    python3 scripts/pytorch/measure_regions.py THREADS

The map and the regions are those of packages/bench/src/regions/workload.ts. Prints one line of JSON: for each operation the median of
as many runs as fit into a second.
"""

import json
import statistics
import sys
import time

import torch
import torchvision

COUNT, SMALLEST, LARGEST = 1000, 16, 112
CHANNELS, HEIGHT, WIDTH = 256, 200, 272
ROWS = COLUMNS = 7
SCALE, RATIO, ALIGNED = 1 / 4, 2, False

torch.set_num_threads(int(sys.argv[1]))
torch.set_num_interop_threads(1)
torch.set_grad_enabled(False)


def uniform():
    """The generator of the workload: Numerical Recipes'."""
    state = 1
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state / 2**32


def regions():
    numbers = uniform()
    result = []
    for _ in range(COUNT):
        across, down = (SMALLEST * (LARGEST / SMALLEST) ** next(numbers) for _ in range(2))
        left = next(numbers) * (WIDTH / SCALE - across)
        top = next(numbers) * (HEIGHT / SCALE - down)
        result.append([0, left, top, left + across, top + down])
    return torch.tensor(result, dtype=torch.float32)


def median_time(run, seconds):
    times = []
    until = time.perf_counter() + seconds
    while len(times) < 2 or time.perf_counter() < until:
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


x = torch.randn(1, CHANNELS, HEIGHT, WIDTH)
coarse = torch.randn(1, CHANNELS, HEIGHT // 2, WIDTH // 2)
dy = torch.randn(COUNT, CHANNELS, ROWS, COLUMNS)
rois = regions()
grid = (SCALE, ROWS, COLUMNS)
vision, aten = torch.ops.torchvision, torch.ops.aten
_, largest = vision.roi_pool(x, rois, *grid)
runs = {
    "RoIAlign": lambda: vision.roi_align(x, rois, *grid, RATIO, ALIGNED),
    "RoIAlign, gradient": lambda: vision._roi_align_backward(dy, rois, *grid, *x.shape, RATIO, ALIGNED),
    "RoI max pooling": lambda: vision.roi_pool(x, rois, *grid),
    "RoI max pooling, gradient": lambda: vision._roi_pool_backward(dy, rois, largest, *grid, *x.shape),
    "nearest upsampling": lambda: aten.upsample_nearest2d(coarse, [HEIGHT, WIDTH]),
    "nearest upsampling, gradient": lambda: aten.upsample_nearest2d_backward(x, [HEIGHT, WIDTH], list(coarse.shape)),
}
times = {}
for name, run in runs.items():
    median_time(run, 0.3)
    times[name] = median_time(run, 1)
print(json.dumps(times))
