"""Times one network in PyTorch on the processor, eager, in float32, beside `npm run bench -- models`:

    python3 scripts/pytorch/measure_network.py THREADS NETWORK BATCH_SIZE train|infer SECONDS

Prints one line of JSON: the median of as many runs as fit into the seconds, as measure-network.js does for other libraries.
"""

import json
import statistics
import sys
import time

import torch
from workload import design_size, launch_of, milliseconds_of

threads, network, batch_size, mode, seconds = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.set_num_interop_threads(1)
case = (network, design_size(network), int(batch_size), mode)
launch = launch_of(case, torch.device("cpu"), compiled=False, precision=torch.float32)
for _ in range(2):
    milliseconds_of(launch, 1)
times: list[float] = []
until = time.perf_counter() + float(seconds)
while len(times) < 2 or time.perf_counter() < until:
    times.append(milliseconds_of(launch, 1))
print(json.dumps({"milliseconds": statistics.median(times)}))
