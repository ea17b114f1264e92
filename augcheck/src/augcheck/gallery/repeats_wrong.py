"""Each picture is lightened once, before training, and shown again in every epoch."""

from augcheck.gallery.pictures import Batches, images, labels, lighten


def make():
    lightened = lighten(images)  # once, before training
    return Batches(lightened, labels)
