"""Times ResNet-20 and ResNet-50 in PyTorch, beside `npm run bench -- gpu --peer FILE`:

    python3 scripts/pytorch/measure_gpu.py [--quick] [--batch-size N] > FILE

On CUDA where there is a GPU, else on the processor. Prints a line of JSON for each case and way: eager and compiled;
float32 with TF32 off and on, and bfloat16 by autocast; all in channels_last. Compiled last, as compiling takes minutes. --quick: the small cases of `bench gpu --quick`.
"""

import argparse
import itertools
import json
import platform
import statistics
import sys
import time

import torch
from workload import launch_of, milliseconds_of

PRECISIONS = [("float32", torch.float32), ("TF32", torch.float32), ("bfloat16", torch.bfloat16)]


def cases(quick: bool, batch_size: int | None):
    """As in packages/bench/src/gpu/tasks.ts."""
    if quick:
        networks = [("resnet20", 32, 4), ("resnet50", 32, batch_size or 2)]
    else:
        networks = [("resnet20", 32, 128), ("resnet50", 224, batch_size or 64)]
    for network, size, batch in networks:
        yield network, size, batch, "train"
        yield network, size, 1, "infer"
        yield network, size, batch, "infer"


def measure(launch, quick: bool) -> float:
    for _ in range(3):
        one = milliseconds_of(launch, 1)
    runs = 1 if quick else max(1, min(200, round(1000 / one)))
    return statistics.median(milliseconds_of(launch, runs) for _ in range(1 if quick else 5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--batch-size", type=int, help="of ResNet-50, instead of 64")
    options = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.machine()
    described = f"PyTorch {torch.__version__} on {name}, channels_last."

    ways = itertools.product((False, True), PRECISIONS, list(cases(options.quick, options.batch_size)))
    for compiled, (precision_name, precision), case in ways:
        network, size, batch, mode = case
        torch.backends.cuda.matmul.allow_tf32 = precision_name == "TF32"
        torch.backends.cudnn.allow_tf32 = precision_name == "TF32"
        way = f"PyTorch, {'compiled' if compiled else 'eager'}, {precision_name}"
        print(f"{network}, {mode}, {size}, batch {batch}: {way}", file=sys.stderr, flush=True)
        torch.compiler.reset()
        try:
            milliseconds = measure(launch_of(case, device, compiled, precision), options.quick)
        except Exception as error:  # The other ways are still of use.
            print(f"{way} failed: {error}", file=sys.stderr, flush=True)
            continue
        found = {"name": way, "device": described, "network": network, "size": size}
        found |= {"batchSize": batch, "mode": mode, "milliseconds": milliseconds}
        print(json.dumps(found), flush=True)


main()
