"""What the lessons share: small modules to read in one sitting. Importing them draws nothing and starts no device.

In this order:

1. ``data``: the images, and subsets of them (``folder`` reads folders of your own).
2. ``augment``: a random affine map for each image, and the named policies; the one file that people copy.
3. ``model``: the three networks (``pretrained`` is a fourth, with ImageNet's weights).
4. ``arms``: what an arm shows, and when. The clock that wraps is here.
5. ``training``: the loop, on Keras's own training step.
6. ``compare``: arms compared by paired replicates.
7. ``stats``: intervals, verdicts, and losses that do not depend on training for too long.
8. ``plots``: one look for all figures.

Little ones to look up: ``tables`` reads the stored results, ``diversity`` counts siblings, ``show`` shows figures
and tables, ``progress`` is the progress bar, ``arguments`` words refusals, and ``setup`` prepares a notebook.

A wrong argument is refused everywhere in one sentence, a ValueError or TypeError that says what was found and what
was expected. Docstrings name errors only beyond that.
"""

__version__ = "0.4.0"
