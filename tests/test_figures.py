"""The figure of lesson 01: what an epoch has shown before is stamped."""

import matplotlib.pyplot as plt
import numpy as np

from figures import one_image_through_epochs


def test_what_an_epoch_has_shown_before_is_stamped():
    one_image_through_epochs(np.random.default_rng(0).random((8, 4, 4, 1)))
    rows = np.reshape(plt.gcf().axes, (3, 8))
    new = [[epoch for epoch, ax in enumerate(row) if not ax.texts] for row in rows]
    plt.close()
    assert new == [[0], [0, 1, 2, 3], list(range(8))]  # one copy, four copies, live
