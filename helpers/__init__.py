"""What the lessons share: small modules to read in one sitting. Importing them draws nothing and starts no device.

In this order:

1. ``data``: the images, subsets of them, and stored results (``folder`` reads folders of your own).
2. ``augment``: a random affine map for each image, the one file that people copy; ``policies`` names some.
3. ``model``: the three networks (``pretrained`` is a fourth, with ImageNet's weights).
4. ``methods``: what a method shows, and when. The clock that wraps is here.
5. ``training``: the loop, on Keras's own training step.
6. ``compare``: methods compared by paired replicates.
7. ``stats``: intervals, verdicts, and losses that do not depend on training for too long.
8. ``plots``: figures in one look, their captions, and tables.

Little ones to look up: ``diversity`` counts siblings, ``progress`` is the progress bar, ``arguments`` words refusals,
and ``setup`` prepares a notebook.

A wrong argument is refused everywhere in one sentence, a ValueError or TypeError that says what was found and what
was expected. Docstrings name errors only beyond that.
"""

__version__ = "0.4.0"
