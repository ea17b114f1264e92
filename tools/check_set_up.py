# Is all here that the lessons need? This prints one line.
try:
    import sys

    sys.path.insert(0, "notebooks")
    from series import prepare

    prepare()
    import elpv_dataset  # noqa: F401
    import tensorflow as tf

    import explorers  # noqa: F401
    from helpers.data import RESULTS, load_garments, read_results, subset
    from helpers.model import small_model

    garments = subset(load_garments(), 64)
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    model.fit(garments.x_train, garments.y_train, verbose=0)
    runs = len(read_results(RESULTS / "study.csv"))
    print(f"All is well: Python {sys.version.split()[0]}, TensorFlow {tf.__version__}, {runs:,} stored rows.")
except Exception as error:
    print(f"Not yet: {type(error).__name__}: {error}. Please send this line to your lecturer.")
