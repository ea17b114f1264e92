"""Stand-ins for ``tasks.run_setting`` that need no training and that worker processes can import."""

import os
import time


def quick(setting: dict) -> dict:
    """Numbers that follow from the setting alone."""
    loss = (len(setting["arm"]) + setting["replicate"]) / 7
    records = [{"update": update, "val_loss": loss + 1 / update} for update in (10, 20)]
    return {"summary": {"val_loss": loss, "seconds": 0.5}, "records": records}


def out_of_order(setting: dict) -> dict:
    """The same, but the first replicates take longest."""
    time.sleep(0.2 / (1 + setting["replicate"]))
    return quick(setting)


def slow(setting: dict) -> dict:
    time.sleep(0.2)
    return quick(setting)


def broken(setting: dict) -> dict:
    if setting["replicate"] == 2:
        raise RuntimeError("replicate 2 always breaks")
    return quick(setting)


def never(setting: dict) -> dict:
    raise AssertionError(f"{setting} was run again")


def threads(setting: dict) -> dict:
    """What the worker's environment allows, as a run's summary."""
    result = quick(setting)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        result["summary"][name] = float(os.environ[name])
    return result


def with_images(setting: dict) -> dict:
    """With losses of the validation images, of which every second run has more."""
    count = 5 + setting["replicate"] % 2
    return quick(setting) | {"images": [setting["replicate"] + image / 8 for image in range(count)]}
