"""How different the pictures of a set are: distances, the Vendi score, siblings, distinct pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist


def mean_pairwise_distance(points: np.ndarray) -> float:
    """Mean Euclidean distance of two different members of the set (Rao, 1982, without self-pairs).

    Args:
        points: (n, ...), pictures or features, n >= 2; each is read as one vector.

    Returns:
        0 or more, in the unit of the points.

    Raises:
        ValueError: fewer than two points.
    """
    if len(points) < 2:
        raise ValueError(f"found {len(points)} point(s); expected two or more, to have a pair.")
    return float(pdist(_vectors(points)).mean())


def centred_cosine(features: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Cosine of the angle between each two features, seen from a common centre.

    Args:
        features: (n, ...), each is read as one vector.
        centre: one feature, the mean over a fixed set of pictures. Seen from zero instead, features
            of a ReLU layer (none is negative) all look alike.

    Returns:
        float64 (n, n), in [-1, 1], ones on the diagonal: a similarity for ``vendi_score``.

    Raises:
        ValueError: a feature lies on the centre, so that it has no direction.
    """
    seen = _vectors(features) - np.ravel(centre)
    lengths = np.linalg.norm(seen, axis=1)
    if not lengths.all():
        raise ValueError(f"feature {lengths.argmin()} equals the centre; take the mean of other pictures.")
    seen /= lengths[:, None]
    return seen @ seen.T


def vendi_score(similarity: np.ndarray) -> float:
    """Effective number of different members: exp(-Σ λ log λ), λ the eigenvalues of similarity / n.

    Friedman and Dieng, *The Vendi Score: A Diversity Evaluation Metric for Machine Learning*, 2023.

    Args:
        similarity: (n, n), symmetric, positive semi-definite, ones on the diagonal.

    Returns:
        From 1 (all alike) to n (no two alike).

    Raises:
        ValueError: the matrix is of another kind.
    """
    k = np.asarray(similarity, np.float64)
    if k.ndim != 2 or k.shape[0] != k.shape[1] or not k.size:
        raise ValueError(f"similarity has shape {k.shape}; expected (n, n).")
    if not (np.allclose(k, k.T) and np.allclose(np.diag(k), 1)):
        raise ValueError("similarity is not symmetric with ones on its diagonal; expected a kernel's matrix.")
    shares = np.linalg.eigvalsh(k / len(k))
    if shares[0] < -1e-6:
        raise ValueError(
            f"similarity has the eigenvalue {shares[0] * len(k):.2g}; expected none below 0, as from the "
            "cosine or another positive semi-definite kernel."
        )
    shares = shares[shares > 1e-12]
    return float(np.exp(-np.sum(shares * np.log(shares))))


def sibling_pairs(sources: np.ndarray) -> np.ndarray:
    """Pairs of pictures made from one source image, counted in each batch.

    Args:
        sources: int (batches, batch), which source each picture was made from.

    Returns:
        int (batches,), from 0 to C(batch, 2).
    """
    sources = np.asarray(sources)
    same = sources[:, :, None] == sources[:, None, :]
    return (same.sum(axis=(1, 2)) - sources.shape[1]) // 2


def distinct_so_far(pictures: np.ndarray) -> np.ndarray:
    """How many different pictures have come by each one, told apart by a hash of their bytes.

    Args:
        pictures: (n, ...), in the order in which they are shown.

    Returns:
        int (n,); the last is the number of different pictures.
    """
    fingerprints = pd.Series([hash(picture.tobytes()) for picture in np.asarray(pictures)], dtype="int64")
    return (~fingerprints.duplicated()).cumsum().to_numpy()


def _vectors(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points, np.float64)
    return points.reshape(len(points), -1)
