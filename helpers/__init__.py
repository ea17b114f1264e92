"""What the lessons share: small modules to read in one sitting. Importing them draws nothing and starts no device.

In this order: ``data`` (images, subsets, stored results; ``folder`` reads your own), ``augment`` (the file that people
copy; ``policies`` names some), ``model`` (``pretrained`` has ImageNet's weights), ``methods`` (what is shown, and
when), ``training`` (the loop), ``compare`` (paired replicates), ``stats`` (intervals and verdicts), ``plots`` (figures
and tables). To look up: ``progress``, ``arguments`` and ``setup``.

A wrong argument is refused in one sentence, a ValueError or TypeError that says what it is and what was expected.
Docstrings name errors only beyond that.
"""

__version__ = "0.5.0"
