"""``python -m experiments.freeze_or_renew``: every verdict by the registered rules, from the stored rows."""

from __future__ import annotations

import pandas as pd

from experiments.freeze_or_renew import points, verdicts

QUESTIONS = {
    "1. What is ignored": verdicts.ignored,
    "2. Mismatch": verdicts.mismatch,
    "3. Three runs foretell the rest": verdicts.three_runs,
    "4. Stored copies": verdicts.stored_copies,
    "5. The share to leave unchanged": verdicts.share,
    '6. "3x"': verdicts.three_x,
}


def main() -> None:
    runs = points.read_runs()
    print(f"{len(runs)} runs of complete settings\n")
    pd.set_option("display.width", 200, "display.max_columns", 40, "display.max_rows", 200, "display.precision", 3)
    for title, judge in QUESTIONS.items():
        word, table = judge(runs)
        print(f"{title}: {word}\n{table.to_string(index=False)}\n")
    print(f"The points of 4\n{points.copy_points(points.means(runs)).to_string(index=False)}\n")

    print("The same, as registered, on fewer replicates")
    for name, part in {
        "without the pilots' replicates 20 to 25": points.without_pilots(runs),
        "on disjoint subsets alone": points.disjoint(runs),
    }.items():
        for title, judge in QUESTIONS.items():
            print(f"{title}, {name}: {judge(part)[0]}")


if __name__ == "__main__":
    main()
