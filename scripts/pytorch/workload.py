"""ResNets in PyTorch, as they are timed beside this project's: random weights, noise, channels_last."""

import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two 3x3 convolutions, or a bottleneck; where the shape changes a projection (option B), or padding (option A)."""

    def __init__(self, inputs: int, width: int, outputs: int, stride: int, option: str) -> None:
        super().__init__()
        sizes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        if width == outputs:
            sizes = [(inputs, outputs, 3, stride), (outputs, outputs, 3, 1)]
        self.branch = nn.Sequential()
        for index, size in enumerate(sizes):
            self.branch.extend(layer(*size))
            if index < len(sizes) - 1:
                self.branch.append(nn.ReLU(inplace=True))
        changes = stride > 1 or inputs != outputs
        self.stride = stride
        self.padding = (outputs - inputs) // 2 if option == "A" else 0
        self.projection = nn.Sequential(*layer(inputs, outputs, 1, stride)) if changes and option == "B" else None

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


def cifar_resnet(depth: int) -> nn.Module:
    blocks = []
    for stage, channels in enumerate([16, 32, 64]):
        for index in range((depth - 2) // 6):
            first = stage > 0 and index == 0
            inputs = channels // 2 if first else channels
            blocks.append(Block(inputs, channels, channels, 2 if first else 1, "A"))
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layer(3, 16, 3, 1), nn.ReLU(inplace=True), *blocks, *head)


IMAGENET = {18: [2, 2, 2, 2], 50: [3, 4, 6, 3], 152: [3, 8, 36, 3]}


def imagenet_resnet(depth: int) -> nn.Module:
    blocks, inputs, expansion = [], 64, 4 if depth >= 50 else 1
    for stage, count in enumerate(IMAGENET[depth]):
        width = 64 << stage
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(Block(inputs, width, expansion * width, stride, "B"))
            inputs = expansion * width
    stem = [*layer(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000)]
    return nn.Sequential(*stem, *blocks, *head)


def depth_of(name: str) -> int:
    return int(name.removeprefix("resnet"))


def design_size(name: str) -> int:
    """The height and width of the images; depths that IMAGENET does not have are those of networks for CIFAR."""
    return 224 if depth_of(name) in IMAGENET else 32


def create(name: str) -> nn.Module:
    depth = depth_of(name)
    return imagenet_resnet(depth) if depth in IMAGENET else cifar_resnet(depth)


def launch_of(case, device: torch.device, compiled: bool, precision: torch.dtype):
    """A function that begins a run without waiting for it: a training step, or a forward pass."""
    network, size, batch, mode = case
    torch.manual_seed(0)
    model = create(network).to(device, memory_format=torch.channels_last)
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


