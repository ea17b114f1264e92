#!/usr/bin/env python3
"""Break a copy of the project on purpose and report which check notices: mutations.py [NAME ...]

Exit status 1 where a mutation survives a check that should kill it, or has no place since the code has changed: then
write it for the code as it is now. "tests" are the fast tests, "results" those of
the programs behind the stored tables, "checkup" those of the check-up, "page" those of the page that trains in the
browser, "lesson 00" and so on the cells of a lesson, one of which must fail too where a mutation falsifies it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FAST = (
    "arms",
    "stats",
    "augment",
    "data",
    "compare",
    "training",
    "model",
    "tables",
    "notebooks",
)
RESULTS = ("store", "run", "law_edges", "law_verdicts")
CHECKUP = ("alone", "report", "command", "state", "models", "reading", "factory", "cases", "readme")
COMMANDS = {
    "tests": [f"tests/test_{part}.py" for part in FAST],
    "results": [f"tests/results/test_{part}.py" for part in RESULTS],
    "checkup": [f"augcheck/tests/test_{part}.py" for part in CHECKUP],
    "page": ["tests/test_page.py"],
}
LESSONS = ("00_start_here", "01_static_versus_live", "02_a_fair_comparison", "04_overfitting_curves",
           "05_how_many_copies", "06_when_live_is_not_live", "08_solar_cells",
           "09_your_own_images")  # fmt: skip
COMMANDS |= {f"lesson {name[:2]}": ["--nbval", f"notebooks/{name}.ipynb"] for name in LESSONS}


class Mutation(NamedTuple):
    file: str
    old: str
    new: str
    killed_by: tuple[str, ...] = ("tests",)


TRAINING = ("lesson 01", "lesson 02", "lesson 04", "lesson 05", "lesson 09")  # those that train live by compare
MUTATIONS = {
    "live made static": Mutation(
        "helpers/arms.py", "np.where(augmented, 1 + epoch, 0)", "np.where(augmented, 1, 0)", ("tests", *TRAINING)
    ),
    "the layer draws once for all": Mutation(
        "helpers/augment.py",
        "self.seed_generator.next())",
        "(0, 0))",
        ("tests", "lesson 00", "lesson 04", "lesson 06", "lesson 08", "lesson 09"),
    ),
    "the layer draws one change for a batch": Mutation(
        "helpers/augment.py",
        "self.draw(tf.shape(images)[0], self.seed_generator.next())",
        "tf.repeat(self.draw(1, self.seed_generator.next()), tf.shape(images)[0], axis=0)",
        ("tests", "lesson 04"),
    ),
    "live's clock wraps after eight epochs": Mutation(
        "helpers/arms.py",
        "np.where(augmented, 1 + epoch, 0)",
        "np.where(augmented, 1 + epoch % 8, 0)",
        ("tests", "lesson 02", "lesson 04"),
    ),
    "K ignored": Mutation("helpers/arms.py", "1 + epoch % copies", "1 + epoch", ("tests", "lesson 01", "lesson 02")),
    "the clock wraps too early": Mutation(
        "helpers/arms.py",
        "1 + epoch % copies",
        "1 + epoch % max(copies - 1, 1)",
        ("tests", "lesson 01", "lesson 02"),
    ),
    "validation augmented": Mutation(
        "helpers/compare.py",
        "        plan = schedule(name, n, updates, replicate, batch)\n",
        "        plan = schedule(name, n, updates, replicate, batch)\n"
        "        draws = policy.draw(len(part.x_val), (replicate, 0))\n"
        "        part = part._replace(x_val=policy.apply(part.x_val, draws).numpy())\n",
        ("tests", "lesson 02"),
    ),
    "labels swapped": Mutation(
        "helpers/data.py", "y_train=data.y_train[rows]", "y_train=1 - data.y_train[rows]", ("tests", "lesson 00")
    ),
    "originals leaked into copies only": Mutation(
        "helpers/arms.py", "1 + epoch % copies", "epoch % copies", ("tests", "lesson 01")
    ),
    "pairing broken": Mutation(
        "helpers/compare.py",
        "trainer.run(part, batches, updates, replicate, ",
        'trainer.run(part, batches, updates, replicate + 100 * (name.startswith("live")), ',
    ),
    "updates unequal": Mutation("helpers/training.py", "batches.rows[start:stop]", "batches.rows[start:stop:2]"),
    "shuffle dropped": Mutation("helpers/arms.py", "_rng(replicate, e).permutation(n) for", "np.arange(n) for"),
    "an epoch shows half of the images twice": Mutation(
        "helpers/arms.py", "_rng(replicate, e).permutation(n) for", "_rng(replicate, e).permutation(n) // 2 for"
    ),
    "labels shuffled in stored pools only": Mutation(
        "helpers/arms.py",
        "np.tile(y, len(versions))",
        "np.random.default_rng(0).permutation(np.tile(y, len(versions))) if len(versions) > 1 else y",
    ),
    "copies+4 accepted": Mutation("helpers/arms.py", "if arm is None or arm.name != name:", "if arm is None:"),
    "a fresh pool never renewed": Mutation(
        "helpers/arms.py", "1 + pool * copies + place % copies", "1 + place % copies"
    ),
    "live on a pool repeats its draws": Mutation(
        "helpers/arms.py", "1 + copies + np.arange(epochs * n) // n", "1 + copies + 0 * np.arange(epochs * n)"
    ),
    "NaN in validation unnoticed": Mutation(
        "helpers/compare.py",
        "if not np.isfinite(x).all():",
        'if part == "train" and not np.isfinite(x).all():',
    ),
    "labels -1 and 1 accepted": Mutation("helpers/compare.py", "if found != [0, 1]:", "if len(found) != 2:"),
    "stopped losses given by position": Mutation(
        "helpers/compare.py",
        'means.merge(_stopped(curves, keys), on=keys, validate="one_to_one")',
        'means.assign(val_loss_stopped=_stopped(curves, keys)["val_loss_stopped"].to_numpy()[::-1])',
    ),
    "arms of different totals compared": Mutation("helpers/compare.py", "if totals.nunique() > 1:", "if False:"),
    "dropout seeds not reset": Mutation(
        "helpers/training.py", "state.assign(np.array([replicate, number], np.uint32))", "pass"
    ),
    "optimiser not reset": Mutation(
        "helpers/training.py", "            variable.assign(value)\n", "            pass\n"
    ),
    "evaluated in training mode": Mutation(
        "helpers/training.py",
        "functools.partial(self.model, training=False)",
        "functools.partial(self.model, training=True)",
    ),
    "a compiled loss ignored": Mutation(
        "helpers/training.py",
        'loss=self.model.loss if compiled else "binary_crossentropy"',
        'loss="binary_crossentropy"',
    ),
    "a schedule overwritten": Mutation(
        "helpers/training.py", 'isinstance(self.model.optimizer.get_config()["learning_rate"], dict)', "False"
    ),
    "losses scaled one way round only": Mutation("helpers/stats.py", "in ((0, 1), (1, 0)):", "in ((0, 1),):"),
    "old names left as they are": Mutation("helpers/tables.py", "in RENAMED.items() if column in table", "in ()"),
    "a run stored under its last name at once": Mutation(
        "experiments/store.py", '(f"{path.name}.{os.getpid()}.part")', "(path.name)", ("results",)
    ),
    "the row that counts written first": Mutation(
        "experiments/store.py",
        "    _replace(curves_path(path), _csv(curves))\n    _replace(path, _csv(runs))\n",
        "    _replace(path, _csv(runs))\n    _replace(curves_path(path), _csv(curves))\n",
        ("results",),
    ),
    "two collectors at a time": Mutation(
        "experiments/store.py", "fcntl.flock(file, fcntl.LOCK_EX)", "pass", ("results",)
    ),
    "workers outlive their parent": Mutation(
        "experiments/store.py", ", initializer=_die_with_parent)", ")", ("results",)
    ),
    "an incomplete setting of the law judged": Mutation(
        "experiments/law/verdicts.py", "if fewest < max(arms.values()):", "if fewest < 1:", ("results",)
    ),
    "mixed labels predicted": Mutation(
        "experiments/law/points.py", ' and named["policy"] not in UNPREDICTED', "", ("results",)
    ),
    "flipped labels in no run": Mutation("experiments/law/runs.py", "FLIPPED = 0.2", "FLIPPED = 0.0", ("results",)),
    "one draw a batch": Mutation(
        "helpers/augment.py",
        "u = tf.raw_ops.StatelessRandomUniformV2(shape=shape, ",
        "u = tf.ones((n, 1)) * tf.raw_ops.StatelessRandomUniformV2(shape=(1, 8), ",
        ("tests", "lesson 01"),
    ),
    "active at training=False": Mutation("helpers/augment.py", "if not training:", "if False:"),
    "width and height swapped": Mutation(
        "helpers/resampling.py", "rotation, shift_x, shift_y, shear", "rotation, shift_y, shift_x, shear"
    ),
    "check-up blind to frozen pictures": Mutation(
        "augcheck/src/augcheck/findings/repeats.py", "if static != live:", "if True:", ("checkup", "lesson 06")
    ),
    "check-up sees bugs everywhere": Mutation(
        "augcheck/src/augcheck/findings/validation_moves.py", "if more == 0:", "if False:", ("checkup", "lesson 06")
    ),
    "check-up leaves the seeds moved": Mutation(
        "augcheck/src/augcheck/reading/state.py", "self._undo.close()", "self._undo.pop_all()", ("checkup",)
    ),
    "check-up writes into arrays too large to put back": Mutation(
        "augcheck/src/augcheck/reading/state.py", "array.flags.writeable = False\n", "pass\n", ("checkup",)
    ),
    "check-up passes by what leads past an augmentation": Mutation(
        "augcheck/src/augcheck/reading/first_layers.py", "any(id(x) in needed for", "any(False for", ("checkup",)
    ),
    "check-up looks into no backbone": Mutation(
        "augcheck/src/augcheck/reading/first_layers.py", "yield from _inside(following", "iter(following", ("checkup",)
    ),
    "check-up counts a frozen backbone as augmentation": Mutation(
        "augcheck/src/augcheck/reading/first_layers.py", "or not part.trainable", "or False", ("checkup",)
    ),
    "check-up blind to the end of a shuffled pool": Mutation(
        "augcheck/src/augcheck/findings/repeats.py", "    if ends:\n", "    if False:\n", ("checkup",)
    ),
    "check-up blind to draws that belong to a place": Mutation(
        "augcheck/src/augcheck/measures/ties.py", "self.errors > SURE", "self.errors > 1000", ("checkup",)
    ),
    "check-up blind to augmentation of one class": Mutation(
        "augcheck/src/augcheck/findings/labels.py", "ever <= FEW", "ever < 0", ("checkup",)
    ),
    "check-up compares a part of training only": Mutation(
        "augcheck/src/augcheck/measures/copies.py", "np.arange(len(t))", "np.arange(min(len(t), 512))", ("checkup",)
    ),
    "check-up gives the first epoch all the time": Mutation(
        "augcheck/src/augcheck/reading/epochs.py",
        "max_seconds * min((len(epochs) + 1) / needed, 1)",
        "max_seconds",
        ("checkup",),
    ),
    "check-up takes mixed batches for one draw": Mutation(
        "augcheck/src/augcheck/measures/clusters.py", "(MIXED if part.soft else 1)", "1", ("checkup",)
    ),
    "check-up takes whole batches that come again for positions": Mutation(
        "augcheck/src/augcheck/measures/ties.py", "& (not batches_again)", "& False", ("checkup",)
    ),
    "the command succeeds whatever was found": Mutation(
        "augcheck/src/augcheck/command.py", "return SOMETHING_FOUND if counted else", "return", ("checkup",)
    ),
    "sanitiser made greedy": Mutation("tests/sanitize.cfg", r"(\u2248) *[-+]?[0-9]+(?:\.[0-9]+)?", r"(\u2248).*"),
}


PAGE = {  # in the page that trains in the browser
    "page: live draws once": ("schedule", "? 1 + epoch : 0", "? 1 : 0"),
    "page: copies off by one": ("schedule", "1 + (epoch % copies)", "1 + (epoch % (copies + 1))"),
    "page: one draw for all": ("schedule", "stream(seed, 4, source, version)", "stream(seed, 4, 0, version)"),
    "page: orders of their own": ("schedule", "stream(seed, 1, epoch)", "stream(seed, 1, epoch, arm.length)"),
    "page: pooling's gradient misplaced": ("network", "(place % POOLED) + (winner[unit] & 1)", "(place % POOLED)"),
    "page: ReLU lets all through": ("network", "pooled[unit] === 0", "pooled[unit] < 0"),
    "page: no bias correction": (
        "network", "(0.001 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step)", "0.001",
    ),
    "page: another epsilon": ("network", "1e-7", "1e-5"),
    "page: the grid shifted the other way": ("augment", "+ change.shiftX * SIDE", "- change.shiftX * SIDE"),
    "page: edges reflected": (
        "augment", "Math.max(cos * u - sin * v + centre, 0)", "Math.abs(cos * u - sin * v + centre)",
    ),
    "page: new garments augmented": (
        "training", "let done = 0;",
        "let done = 0; task.freshLabels.forEach((_, i) => picture(task.fresh, i, 1, seed, strength, task.fresh, i));",
    ),
    "page: originals scored as shown": (
        "training", "own: score(model, images, labels)", "own: score(model, pictures, shownLabels)",
    ),
    "page: labels stay behind": ("training", "= labels[sources[place]]", "= labels[place]"),
    "page: calls what is too close": ("words", "lowest.length === order.length", "false"),
    "page: the best called the worst": ("words", "at(a) - at(b)", "at(b) - at(a)"),
    "page: mirrors nothing": ("worker", "run.answers({ mirror: true })", "run.answers({})"),
}  # fmt: skip
MUTATIONS |= {name: Mutation(f"docs/page/{file}.js", old, new, ("page",)) for name, (file, old, new) in PAGE.items()}


def failures(folder: Path, check: str, file: str) -> list[str]:
    """The first failing tests or cells of a check in a copy of the project; those named like the file come first."""
    parts = sorted(COMMANDS[check], key=lambda part: not part.endswith(f"test_{Path(file).stem}.py"))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-p", "no:cacheprovider"]
    run = subprocess.run([*command, *parts], cwd=folder, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"pytest stopped with status {run.returncode}:\n{run.stdout}{run.stderr}")
    return re.findall(r"^(?:FAILED|ERROR) (?:\S*/)?(.+?)(?: - .*)?$", run.stdout, re.MULTILINE)


def planted(mutation: Mutation) -> str | None:
    """The text of the mutation's file with the fault in it; None where what it replaces does not stand there once."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    return text.replace(mutation.old, mutation.new) if text.count(mutation.old) == 1 else None


def main() -> None:
    unknown = set(sys.argv[1:]) - set(MUTATIONS)
    if unknown:
        sys.exit(f"no mutation {', '.join(unknown)}; expected some of: {'; '.join(MUTATIONS)}.")
    survivors, homeless = 0, 0
    for name in sys.argv[1:] or MUTATIONS:
        mutation = MUTATIONS[name]
        text = planted(mutation)
        if text is None:
            homeless += 1
            print(f"{name:34} NOT PLANTED: write it anew, for {mutation.file} does not hold once: {mutation.old!r}")
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "copy"
            shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv*", ".git", "*.part"))
            (folder / mutation.file).write_text(text, encoding="utf-8")
            for check in mutation.killed_by:
                killers = failures(folder, check, mutation.file)
                survivors += not killers
                print(f"{name:34} {check:9} {', '.join(killers) or 'SURVIVED'}", flush=True)
    print(f"{survivors} survived, {homeless} not planted")
    sys.exit(bool(survivors or homeless))


if __name__ == "__main__":
    main()
