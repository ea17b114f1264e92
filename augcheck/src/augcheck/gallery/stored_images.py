"""Each picture is lightened where it is stored, so that the next epoch begins with a darker one; or a copy is."""

from augcheck.gallery.pictures import BATCH, images, labels, lighten, rng


def in_place(stored, rows):
    for i in rows:
        picture = stored[i]  # no copy
        picture *= rng.uniform(0.7, 1)
    return stored[rows]


def copied(stored, rows):
    pictures = stored[rows]  # several rows are a copy
    return lighten(pictures)


def pipeline(shown):
    stored = images.copy()

    def epoch():
        for rows in rng.permutation(len(stored)).reshape(-1, BATCH):
            yield shown(stored, rows), labels[rows]

    return epoch


def wrong():
    return pipeline(in_place)


def right():
    return pipeline(copied)
