"""Times torchvision's fasterrcnn_resnet50_fpn beside `npm run bench -- detection`:

    python3 scripts/pytorch/measure_detection.py THREADS SECONDS

Random weights, one image of 480 × 640 pixels, which it sees as 800 × 1066 in a batch of 800 × 1088. Prints one line of JSON: the median
time, and the most memory that the process has had.
"""

import json
import resource
import statistics
import sys
import time

import torch
import torchvision

torch.set_num_threads(int(sys.argv[1]))
torch.set_num_interop_threads(1)
torch.set_grad_enabled(False)
torch.manual_seed(0)

model = torchvision.models.detection.fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None).eval()
# Blocks that start as identities keep the numbers small, so that it proposes as many regions as a trained one.
for name, module in model.backbone.body.named_modules():
    if name.endswith("bn3"):
        module.weight.zero_()
image = torch.rand(3, 480, 640)
regions = 0


def count(module, inputs):
    global regions
    regions = inputs[0].shape[0]


model.roi_heads.box_head.register_forward_pre_hook(count)

model([image])
times = []
until = time.perf_counter() + float(sys.argv[2])
while len(times) < 3 or time.perf_counter() < until:
    started = time.perf_counter()
    model([image])
    times.append(1000 * (time.perf_counter() - started))
# Linux counts in KiB.
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"milliseconds": statistics.median(times), "peakMegabytes": peak, "regions": regions}))
