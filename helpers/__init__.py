"""What the lessons share: small modules to read in one sitting. Importing them draws nothing and starts no device.

In this order: ``data`` (images, subsets, stored results; ``folder`` reads your own), ``augment`` (the file that people
copy; ``policies`` names some), ``model`` (the networks), ``methods`` (what is shown, and when), ``training`` (the
loop), ``compare`` (paired replicates), ``stats`` (intervals and verdicts), ``plots`` (figures, tables, bars).

What would give a wrong result silently, or fail far from its cause, is refused in one sentence: a ValueError that says
what was found and what was expected. A wrong type is left to Python.
"""

__version__ = "0.6.0"
