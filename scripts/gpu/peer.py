"""Times ResNet-20 and ResNet-50 in PyTorch, beside `npm run bench -- gpu --peer FILE`:

    python3 scripts/gpu/peer.py [--quick] [--batch-size N] > FILE

On CUDA where there is a GPU, else on the processor. Prints a line of JSON for each case and way: eager and compiled;
float32 with TF32 off, and bfloat16 by autocast; all in channels_last. --quick: the small cases of `bench gpu --quick`.
"""

import argparse
import json
import platform
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two 3x3 convolutions with option A, or a bottleneck with option B."""

    def __init__(self, inputs: int, width: int, outputs: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        sizes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        if not bottleneck:
            sizes = [(inputs, outputs, 3, stride), (outputs, outputs, 3, 1)]
        self.branch = nn.Sequential()
        for index, size in enumerate(sizes):
            self.branch.extend(layer(*size))
            if index < len(sizes) - 1:
                self.branch.append(nn.ReLU(inplace=True))
        self.stride = stride
        self.padding = 0 if bottleneck else (outputs - inputs) // 2
        self.projection = None
        if bottleneck and (stride > 1 or inputs != outputs):
            self.projection = nn.Sequential(*layer(inputs, outputs, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x
        if self.projection is not None:
            shortcut = self.projection(x)
        elif self.padding:
            shortcut = x[:, :, :: self.stride, :: self.stride]
            shortcut = functional.pad(shortcut, (0, 0, 0, 0, self.padding, self.padding))
        return torch.relu(self.branch(x) + shortcut)


def layer(inputs: int, outputs: int, size: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def resnet20() -> nn.Module:
    blocks = []
    for stage, channels in enumerate([16, 32, 64]):
        for index in range(3):
            first = stage > 0 and index == 0
            inputs = channels // 2 if first else channels
            blocks.append(Block(inputs, channels, channels, 2 if first else 1, bottleneck=False))
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layer(3, 16, 3, 1), nn.ReLU(inplace=True), *blocks, *head)


def resnet50() -> nn.Module:
    blocks, inputs = [], 64
    for stage, count in enumerate([3, 4, 6, 3]):
        width = 64 << stage
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(Block(inputs, width, 4 * width, stride, bottleneck=True))
            inputs = 4 * width
    stem = [*layer(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000)]
    return nn.Sequential(*stem, *blocks, *head)


NETWORKS = {"resnet20": resnet20, "resnet50": resnet50}


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


def launch_of(case, device: torch.device, compiled: bool, precision: torch.dtype):
    """A function that begins a run without waiting for it: a training step, or a forward pass."""
    network, size, batch, mode = case
    torch.manual_seed(0)
    model = NETWORKS[network]().to(device, memory_format=torch.channels_last)
    forward = torch.compile(model) if compiled else model
    images = torch.randn(batch, 3, size, size, device=device)
    images = images.to(memory_format=torch.channels_last)
    mixed = torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32)
    if mode == "infer":
        model.eval()

        def infer() -> torch.Tensor:
            with torch.inference_mode(), mixed:
                return forward(images)

        return infer

    labels = torch.arange(batch, device=device) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step() -> torch.Tensor:
        with mixed:
            loss = functional.cross_entropy(forward(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss

    return step


def milliseconds_of(launch, runs: int) -> float:
    """Of a run, of so many one after another; nothing is read but what the last one gives."""
    started = time.perf_counter()
    for _ in range(runs):
        output = launch()
    output.detach().float().flatten()[0].item()
    return 1000 * (time.perf_counter() - started) / runs


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
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    name = torch.cuda.get_device_name() if device.type == "cuda" else platform.machine()
    described = f"PyTorch {torch.__version__} on {name}, channels_last, TF32 off."

    for case in cases(options.quick, options.batch_size):
        network, size, batch, mode = case
        for precision in (torch.float32, torch.bfloat16):
            for compiled in (False, True):
                precision_name = str(precision).removeprefix("torch.")
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
