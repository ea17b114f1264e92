"""Each picture is lightened once, before training, or anew whenever it is read."""

from augcheck.gallery.pictures import Batches, images, labels, lighten


def wrong():
    lightened = lighten(images)  # once, before training
    return Batches(lightened, labels)


def right():
    return Batches(images, labels, lighten)  # each batch anew
