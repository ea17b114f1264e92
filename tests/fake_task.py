"""Stand-ins for ``results.run_setting`` that need no training and that worker processes can import."""

import time


def quick(setting: dict) -> tuple[dict, list[dict]]:
    """Numbers that follow from the setting alone."""
    loss = (len(setting["arm"]) + setting["replicate"]) / 7
    records = [{"update": update, "val_loss": loss + 1 / update} for update in (10, 20)]
    return {"val_loss": loss, "seconds": 0.5}, records


def out_of_order(setting: dict) -> tuple[dict, list[dict]]:
    """The same, but the first replicates take longest."""
    time.sleep(0.2 / (1 + setting["replicate"]))
    return quick(setting)


def broken(setting: dict) -> tuple[dict, list[dict]]:
    if setting["replicate"] == 2:
        raise RuntimeError("replicate 2 always breaks")
    return quick(setting)


def never(setting: dict) -> tuple[dict, list[dict]]:
    raise AssertionError(f"{setting} was run again")
