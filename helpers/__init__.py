# SPDX-License-Identifier: MIT
"""What the lessons share: six small modules. Importing them draws nothing and trains nothing.

In this order: ``data`` (images and subsets; ``folder`` reads your own), ``augment`` (the file that people copy),
``model`` (the network), ``compare`` (paired runs) and ``stats`` (intervals and verdicts).
"""

__version__ = "0.7.0"
