"""The findings by number and name, and what is to be said about each: a new finding needs an entry here, and no more.

Numbers and names stay: who ignores one in a test must not ignore another after the next version. So an entry is never
renumbered or renamed, and the number of one that goes is not given again.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A finding, explained.

    Attributes:
        number, name: as in a report.
        found: what it means that this was found, with examples.
        why: what it does to training.
        how: how the check-up knows.
        limits: what it can't see, and when it says "can't tell".
        thresholds: from where it is found, and where that comes from. ``{leaks.FEW:.0%}`` stands for the
            number of that name in the module of that name.
        change: what usually repairs it.
    """

    number: str
    name: str
    found: str
    why: str
    how: str
    limits: str
    thresholds: str
    change: str


ENTRIES = (
    Entry(
        "AUG01",
        "repeats",
        found="""The same "random" pictures come in every epoch, or a few pools of them in turn: cache() after the
        augmenting map, a fixed seed inside it, a layer that is off, a list of batches that was made once. With
        live=False it is the opposite: pictures that should stay the same don't.""",
        why="""The network learns these few pictures by heart. It looks like overfitting, and is.""",
        how="""Each image gets a fingerprint of all its bytes. Those of up to nine epochs are compared.""",
        limits="""A pool of ten copies or more, read one after the other, shows nothing twice in nine epochs. Of an
        endless pipeline it can't tell where an epoch ends (steps_per_epoch= says it). Of a set too large to be read
        twice, stored pictures may hide that come in large shards whose order is new in each epoch. Processes of
        their own (use_multiprocessing=True) have other random states than the reading here.""",
        thresholds="""Up to {leaks.FEW:.0%} of the pictures may be an exception: real sets hold a few doubles. Nine
        epochs are read, so that pools of up to eight copies are seen to come round. Of a set too large to be read
        twice, the first part of two epochs is compared. It is fixed if what came early comes again, and not if near
        copies do (see "shared images"). Otherwise pictures are counted: where {clock.EXPECTED} should come again in
        a fixed set, {clock.AS_FIXED:.0%} of those mean that it is fixed; where {clock.EXPECTED_NEW} should,
        {clock.AS_NEW:.0%} mean that it is new. Without a known length, an epoch is taken to have at most
        {clock.LARGEST:,} images.""",
        change="""What the finding names for this kind of pipeline: augment after cache(), remove a seed that is set
        again, call a layer with training=True. If the pool is meant, say live=False.""",
    ),
    Entry(
        "AUG02",
        "one draw",
        found="""All images of a batch are changed alike: turned by one angle, lightened by one amount.""",
        why="""A batch moves as one, so it shows less variety than it could.""",
        how="""The augmentation is tried out by itself, four times on a batch of copies of one image. Without it,
        batches are compared: whether they differ more than shuffled ones would, though their classes are mixed and no
        batch looks like the same one of another epoch.""",
        limits="""Without augment= or model= only strong changes of light or colour show, and other draws don't.
        Augmentation that mixes different images (MixUp, CutMix) leaves copies of one image alone, and can't be
        judged.""",
        thresholds="""{trial.COPIES} copies, four times: that all of them flip alike by chance happens once in 2 to
        the power of 60. Batches: as for "order", and a correlation of at most {order.STEADY} with the same batch of
        other epochs.""",
        change="""Draw as many numbers as there are images in the batch, or map before batch().""",
    ),
    Entry(
        "AUG03",
        "validation moves",
        found="""The validation set shows other images in its second pass than in its first: it is augmented, too, or
        drawn anew, or the model's augmentation acts in validation.""",
        why="""The validation loss then measures other images than those that you want to know about.""",
        how="""The fingerprints of two passes are compared.""",
        limits="""A validation set that was augmented once and then stored stays the same in both passes.""",
        thresholds="""None: a single new image is enough, unless batch(drop_remainder=True) may have dropped it.""",
        change="""Validate on images as they are.""",
    ),
    Entry(
        "AUG04",
        "sets differ",
        found="""Training and validation differ in shape, range of values, order of the channels, coding or order of
        the classes, or balance of the classes: 0 to 255 against 0 to 1, RGB against BGR. Or each training picture was
        stretched to the full range by itself, as save_to_dir does.""",
        why="""The network is judged on images or labels that it was not trained for.""",
        how="""Means, spreads, colours, shapes and labels of both sets are compared.""",
        limits="""Differences that both sets share. Classes by their names are compared only where both sets have
        them, or where you give class_names=.""",
        thresholds="""A standard deviation {comparisons.SPREAD_RATIO} times the other's ([-1, 1] over [0, 1] is 2,
        mixing two images makes at most 1.41). Means apart by {comparisons.MEAN_SHIFT} standard deviation. The share
        of a class differs by {comparisons.CLASS_SHARE:.0%} of all images, and by four standard errors. Stretched:
        more than {comparisons.STRETCHED:.0%} of the training images fill the range, and less than
        {comparisons.UNSTRETCHED:.0%} of validation; of fashion garments 80 % do as they are.""",
        change="""Read both sets with the same code.""",
    ),
    Entry(
        "AUG05",
        "shared images",
        found="""Validation images are in training: as they are, mirrored, rescaled in value, or stored again with
        losses.""",
        why="""Validation then praises what was learned by heart.""",
        how="""Fingerprints that mirroring and rescaling leave alone, and for near copies small versions of the images
        (8 by 8 pixels, contrast taken out). All of training is compared with up to 2,048 validation images, drawn at
        random.""",
        limits="""An image and its turned, shifted or cropped copy can be further apart than two different images.
        Where training is augmented before it can be read, it can't tell: give the originals as pairs of arrays, and
        augment=.""",
        thresholds="""More than {leaks.FEW:.0%} of the validation images: real sets hold a few doubles. A near copy
        lies within {leaks.NEAR:.0%} of the way to any other image, and near copies in training must outnumber those
        within validation by {leaks.NEAR_EXCESS:g} standard errors.""",
        change="""Split by source image first, then augment training.""",
    ),
    Entry(
        "AUG06",
        "degenerate",
        found="""Images hold NaN or infinity, one value, two values, or hardly any contrast: rescaled or preprocessed
        twice (preprocess_input after a division by 255, a Rescaling inside the backbone), failed to load, a
        brightness made for 0 to 255 on images of 0 to 1.""",
        why="""Such images teach nothing, and NaN ends training.""",
        how="""The least and the largest value, mean and spread of each image, as it is read, behind the model's first
        layers, and behind the preprocessing that a backbone holds itself.""",
        limits="""What looks like an image and is not yours: a wrong crop, a wrong file.""",
        thresholds="""No image spans more than {findings.TINY}: [0, 1] scaled again spans at most 1/255, which is
        0.004, and by ImageNet's deviation 0.017. Below zero, no more than {findings.OFFSET:.0%} of the distance from
        zero: ImageNet's means taken off [0, 1] give 1 %, taken off twice 4 %. More than {leaks.FEW:.0%} constant
        images, or more than half with two values. A single NaN is enough.""",
        change="""Look at the images named. Rescale or preprocess once: in the pipeline or in the model.""",
    ),
    Entry(
        "AUG07",
        "order",
        found="""Batches are not mixed (sorted by class, copies side by side), or come in the same order every time,
        or are shuffled through a buffer that is too small.""",
        why="""The gradients of neighbouring updates then point the same way, and batch statistics are of one
        class.""",
        how="""The variance of the batch means of labels and small images, against that of shuffled batches, and by
        how many places an image moves from one epoch to the next.""",
        limits="""Without labels and without images that come twice it can't tell, nor in balanced batches of live
        augmentation, where labels have the same order in every epoch.""",
        thresholds="""Variance between batches more than {order.CLUSTERED:g} times what it would be if shuffled, and
        1.5 times the largest of 199 shuffles. An image moves by less than {order.DISPLACED:.0%} of an epoch, where
        shuffling gives 33 %, and {order.RECOGNISED:.0%} of the images can be recognised.""",
        change="""Shuffle anew in each epoch, with a buffer as large as the set.""",
    ),
    Entry(
        "AUG08",
        "labels",
        found="""One image comes with different labels (images were shuffled without their labels), or labels are
        NaN. Or only some classes are augmented, as people do to balance classes.""",
        why="""Nothing can be learned from labels that belong to other images. And where one class alone is augmented,
        the network can learn the change itself, such as its softness, instead of the class: new images of that class,
        which are not augmented, are then taken for the other.""",
        how="""The labels of images that come more than once are compared. And of each class it is counted how many
        of its images come again in other epochs.""",
        limits="""Live augmentation shows no image twice, so it can't compare labels there: read the originals as a pair
        of arrays. Of classes that are augmented alone it misses those that were stored, and draws of few
        possibilities, such as flips, which come again. A class of which each epoch draws anew less than one image in
        150 looks augmented.""",
        thresholds="""At least {order.ENOUGH:.0%} of the different images must come twice, and more than
        {leaks.FEW:.0%} of these have several labels. Augmented alone: of a class at most {leaks.FEW:.0%} of the
        images come again within {order.ROUNDS} epochs or more, of another all but {leaks.FEW:.0%}, and each has at
        least {order.OF_A_CLASS} images.""",
        change="""Shuffle images and labels together. Augment all classes alike.""",
    ),
    Entry(
        "AUG09",
        "policy",
        found="""Augmentation is so strong that a trained model fails on augmented validation images, or the model
        answers validation worse than by chance, and training better: both sets number their classes differently.""",
        why="""Training then shows images that the task never asks for.""",
        how="""The affinity of Gontijo-Lopes and others (2021): a trained model's accuracy on augmented, over that on
        clean validation images.""",
        limits="""It takes model= (trained), augmentation, and validation images with labels. A strong policy may
        help, and a weak one may be useless: a low affinity is a reason to look, not a verdict.""",
        thresholds="""An affinity of {head.AFFINITY}, by two standard errors: between two policies of the series, a
        mild one of 0.91 that helped and a wide one of 0.68. Below chance by {head.BELOW:.0%} and {head.SURE:g}
        standard errors, which come by chance once in 30,000.""",
        change="""Narrow the ranges, or leave a share of the images as they are.""",
    ),
    Entry(
        "AUG10",
        "positions",
        found="""Random draws belong to the place in an epoch, or in a batch, and not to the image: a counter or a
        seed that starts again with each epoch, workers that all start with one seed.""",
        why="""The same changes come again in every epoch, or in several batches at once: there is less variety than
        it seems, and new pictures hide it.""",
        how="""Small versions of the images (8 by 8 pixels) at the same place of two epochs, or of neighbouring
        batches, are compared with those at neighbouring places.""",
        limits="""Changes that don't show in 8 by 8 pixels. A pair of arrays has no places, and processes of their own
        (use_multiprocessing=True) draw otherwise than here. Where the order of the images is the same in every epoch,
        it can't tell, and the finding "order" says so.""",
        thresholds="""More alike by {places.SURE:g} standard errors, and by {places.ALIKE} in correlation. By chance,
        one correct pipeline of 10,000 reaches four; the distance is for pixels that depend on one another. It takes
        {places.FEWEST} images.""",
        change="""Draw from a generator that goes on from epoch to epoch, or seed by epoch, image and worker.""",
    ),
    Entry(
        "AUG11",
        "augmented twice",
        found="""The pipeline and the model's first layers make the same kind of change: a random flip in both.""",
        why="""Two rotations of up to 10 degrees are one of up to 20: the policy is stronger than it reads.""",
        how="""The random layers in front of the model, against the layers and settings of the pipeline.""",
        limits="""It takes model=. A function of your own has no name that could be compared: where both draw, and
        nothing is known to be the same, it can't tell. A crop in one and a flip in the other is a policy in two
        places, and no fault.""",
        thresholds="""None: one kind of change in both is enough.""",
        change="""Take one of them out.""",
    ),
    Entry(
        "AUG12",
        "head",
        found="""Labels, last layer and loss don't go together: ten classes and one output, class numbers where
        columns are expected, a softmax of one output, probabilities read as logits.""",
        why="""Training runs, and learns something else, or nothing.""",
        how="""The coding of the labels is compared with the model's outputs, their activation, and the loss it was
        compiled with.""",
        limits="""It takes model= with one row of numbers for an image. Losses of your own are not judged.""",
        thresholds="""None.""",
        change="""What the finding names: the activation, the loss, or the coding of the labels.""",
    ),
)
