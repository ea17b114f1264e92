"""The code of docs/find_your_symptom.md, and its rule: a check prints True before a repair and False after it."""

import re
import shutil
import warnings
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^###? (.+?)\n(.+?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
FENCED = re.compile(r"```python\n(.+?)```", re.DOTALL)
NAMED = re.compile(r"# (?:Check, )?(Keras and PyTorch|Keras|PyTorch)\b")
FIRST_STEPS = "The five steps in code"

# Error messages stand in blocks of text, a message a line; … is what differs from case to case.
MESSAGES = [
    line
    for block in re.findall(r"^```text\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
# Code that makes today's tools print each of them, by the beginning of the message.
KERAS_MESSAGES = {
    "cannot import name 'ImageDataGenerator'": "from keras.preprocessing.image import ImageDataGenerator",
    "No module named": "import keras_preprocessing",
    "Input 0 with name": """
inputs = keras.Input((16, 16, 3))
model = keras.Model(inputs, keras.layers.Flatten()(inputs))
model.compile(loss="mse")
cropped = tf.data.Dataset.from_tensor_slices((np.zeros((2, 12, 12, 3)), [0, 1]))
model.fit(cropped.batch(2), verbose=0)
""",
    "Invalid input shape": """
model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(1, 3)])
model.compile(loss="mse")
single = tf.data.Dataset.from_tensor_slices((np.zeros((2, 16, 16, 3)), [0, 1]))
model.fit(single, verbose=0)
""",
    "Argument `validation_split`": """
flow = tf.keras.preprocessing.image.ImageDataGenerator().flow(np.zeros((2, 8, 8, 3)), [0, 1])
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(flow, validation_split=0.5, verbose=0)
""",
    "Unrecognized data type": """
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(zip([np.zeros((2, 2))], [np.zeros(2)]), verbose=0)
""",
    "'NumpyArrayIterator' object": """
tf.keras.preprocessing.image.ImageDataGenerator().flow(np.zeros((2, 8, 8, 3))).next()
""",
    "'DirectoryIterator' object has no attribute 'next'": """
import tempfile
generator = tf.keras.preprocessing.image.ImageDataGenerator()
generator.flow_from_directory(tempfile.mkdtemp()).next()
""",
    "'DirectoryIterator' object has no attribute 'repeat'": """
import tempfile
generator = tf.keras.preprocessing.image.ImageDataGenerator()
generator.flow_from_directory(tempfile.mkdtemp()).repeat()
""",
    "'Sequential' object": "keras.Sequential([keras.layers.Dense(1)]).fit_generator(None)",
    "'_PrefetchDataset' object": "tf.data.Dataset.range(2).prefetch(1).class_names",
    "module 'keras.layers'": "keras.layers.experimental.preprocessing",
    "cannot import name 'preprocessing'": "from keras.layers import preprocessing",
    "'images' contains": """
paths = tf.data.Dataset.from_tensors("name.png")
paths.map(lambda path: tf.image.resize(tf.io.decode_image(tf.io.read_file(path)), (8, 8)))
""",
    "'SymbolicTensor' object": """
tf.data.Dataset.from_tensors(np.zeros((8, 8, 3))).map(lambda image: np.fliplr(image.numpy()))
""",
    "Unknown image file format": "tf.io.decode_image(b'<html>')",
    "Cannot take the length": """
model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(1, 3)])
model.compile(loss="mse")
images = tf.data.Dataset.from_tensor_slices((np.zeros((2, 16, 16, 3)), [0, 1]))
hidden = images.map(lambda x, y: (tf.numpy_function(np.float32, [x], "float32"), y))
model.fit(hidden.batch(2), verbose=0)
""",
    "Model doesn't support": """
turn = [keras.Input((8, 8, 3)), keras.layers.RandomRotation(0.1), keras.layers.Flatten()]
model = keras.Sequential(turn)
model.compile("sgd", "mse", jit_compile=True)
model.fit(np.zeros((2, 8, 8, 3)), np.zeros((2, 192)), verbose=0)
""",
    "The `factor` argument": "keras.layers.RandomRotation(20)",
    "Requested the deserialization": """
import tempfile

folder = tempfile.mkdtemp()
scaled = keras.layers.Lambda(lambda x: x / 127.5 - 1)
keras.Sequential([keras.Input((2,)), scaled]).save(folder + "/saved.keras")
keras.models.load_model(folder + "/saved.keras")
""",
    "Cannot batch tensors": """
spec = tf.TensorSpec((None, 16, 3))
images = [np.zeros((12, 16, 3)), np.zeros((13, 16, 3))]
next(iter(tf.data.Dataset.from_generator(lambda: images, output_signature=spec).batch(2)))
""",
    "Your input ran out": """
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
data = tf.data.Dataset.from_tensor_slices((np.zeros((4, 2)), np.zeros(4))).batch(2)
model.fit(data, steps_per_epoch=3, verbose=0)
""",
    "Arguments `target` and `output` must have the same rank": """
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
model.compile(loss="categorical_crossentropy")
model.fit(np.zeros((4, 2)), np.array([0, 1, 2, 0]), verbose=0)
""",
    "Arguments `target` and `output` must have the same shape": """
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
model.compile(loss="categorical_crossentropy")
model.fit(np.zeros((4, 2)), np.array([[0], [1], [2], [0]]), verbose=0)
""",
    "Argument `output` must have rank": """
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
model.compile(loss="sparse_categorical_crossentropy")
model.fit(np.zeros((4, 2)), np.eye(3)[[0, 1, 2, 0]], verbose=0)
""",
    "tf.function only": """
def change(x):
    return keras.layers.RandomFlip()(x, training=True)

tf.data.Dataset.from_tensor_slices(np.zeros((4, 8, 8, 3))).map(change)
""",
    "Input to reshape": """
stored = tf.io.encode_png(np.zeros((32, 32, 3), "uint8"))
tf.reshape(tf.io.decode_raw(stored, tf.uint8), (32, 32, 3))
""",
    "cannot compute Mul": """
keras.layers.MixUp(0.2)({"images": np.zeros((4, 8, 8, 3)), "labels": np.array([0, 1, 2, 0])})
""",
    # as under the global policy mixed_float16
    "Input 'y' of 'Mul'": """
mix = keras.layers.MixUp(dtype="mixed_float16")
batch = {"images": np.zeros((4, 8, 8, 3), "float32"), "labels": np.eye(4, dtype="float32")}
tf.data.Dataset.from_tensors(batch).map(lambda both: mix(both, training=True))
""",
    "Unsupported dtype19": """
erase = keras.layers.RandomErasing(dtype="mixed_float16")
images = tf.data.Dataset.from_tensors(np.zeros((4, 8, 8, 3), "float32"))
images.map(lambda x: erase(x, training=True))
""",
    "Some ops are not supported": """
import tempfile

folder = tempfile.mkdtemp()
model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.RandomFlip()])
model.export(folder, verbose=False)
tf.lite.TFLiteConverter.from_saved_model(folder).convert()
""",
    "Tried to export": """
import tempfile

model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.RandomFlip()])
tf.saved_model.save(model, tempfile.mkdtemp())
""",
    "Invalid filepath": "keras.Sequential([keras.Input((8, 8, 3))]).save('serving')",
    "Your `PyDataset`": """
class Forgotten(keras.utils.PyDataset):
    def __init__(self):
        pass

    def __len__(self):
        return 1

    def __getitem__(self, i):
        return np.zeros((4, 2))

keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).predict(Forgotten(), verbose=0)
""",
    "…fit()": "keras.Sequential([keras.layers.Dense(1)]).fit(np.zeros((4, 2)), workers=4)",
}
# What TensorFlow writes into its log
LOGGED_MESSAGES = {
    "Using a while_loop": """
turn = lambda image: tf.numpy_function(lambda pixels: pixels, [image], tf.float32)
tf.data.Dataset.from_tensors(tf.zeros((2, 8, 8, 3))).map(lambda batch: tf.vectorized_map(turn, batch))
""",
    # after ten seconds
    "Filling up shuffle buffer": """
import time

def slow(number):
    time.sleep(0.6)
    return number

numbers = tf.data.Dataset.range(20).map(lambda number: tf.numpy_function(slow, [number], tf.int64))
list(numbers.shuffle(20).take(1))
""",
}
# On Keras's JAX or PyTorch backend
BACKEND_MESSAGES = {
    "Cannot convert a symbolic": """
flip = keras.Sequential([keras.layers.RandomFlip()])
images = tf.data.Dataset.from_tensor_slices(np.zeros((4, 8, 8, 3), "float32")).batch(4)
images.map(lambda x: flip(x, training=True))
""",
}
PYTORCH_MESSAGES = {
    "stack expects": "next(iter(DataLoader([torch.zeros(3, 60, 64), torch.zeros(3, 61, 64)], batch_size=2)))",
    "mat1 and mat2": "torch.nn.Linear(1024, 10)(torch.zeros(2, 2048))",
    "Required crop size": "v2.RandomCrop(224)(torch.zeros(3, 200, 180))",
    "Crop size (height": """
import albumentations as A
A.RandomCrop(64, 64)(image=np.zeros((40, 40, 3), "uint8"))
""",
    "Expected input of": """
import kornia.augmentation as K
K.RandomAffine(5.0)(torch.zeros(2, 3, 8, 8, dtype=torch.uint8))
""",
    "Unexpected type": """
torchvision.transforms.Resize(8)(np.zeros((8, 8, 3), "uint8"))
""",
    "The size of tensor a": "v2.Normalize([0.5] * 3, [0.5] * 3)(torch.zeros(4, 8, 8))",
    "At least one stride": "torch.from_numpy(np.zeros((8, 8, 3))[:, ::-1])",
    "Can't … local object": """
import pickle

def transform():
    return v2.Lambda(lambda image: image)

pickle.dumps(transform())
""",
    "An attempt has been": """
import multiprocessing
from multiprocessing import spawn

multiprocessing.current_process()._inheriting = True  # as while a worker imports the script
try:
    spawn.get_preparation_data("worker")
finally:
    del multiprocessing.current_process()._inheriting
""",
    "… for InitSchema": """
import albumentations as A
A.RandomResizedCrop(height=224, width=224)
""",
    "A new version": """
import albumentations.check_version

albumentations.check_version.fetch_version_info = lambda: '{"info": {"version": "99.0"}}'
albumentations.check_version.check_for_updates()
""",
    "module 'albumentations'": """
import albumentations as A
A.Flip()
""",
    "cannot identify image": "Image.open(__import__('io').BytesIO(b'<html>'))",
    "image file is truncated": """
import io

file = io.BytesIO()
Image.effect_noise((64, 64), 64).save(file, "JPEG")
Image.open(io.BytesIO(file.getvalue()[:900])).load()
""",
    "gather()": """
import timm.loss
timm.loss.LabelSmoothingCrossEntropy()(torch.zeros(2, 3), torch.eye(3)[:2])
""",
    "Height and Width": """
import albumentations as A
A.Compose([A.HorizontalFlip()])(image=np.zeros((8, 8, 3), "uint8"), mask=np.zeros((8, 9), "uint8"))
""",
    "DataLoader worker (pid …)": """
import signal

class Killed(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, i):
        os.kill(os.getpid(), signal.SIGKILL)

next(iter(DataLoader(Killed(), num_workers=1)))
""",
    "DataLoader worker (pid(s)": """
class Killed(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, i):
        os._exit(1)

next(iter(DataLoader(Killed(), num_workers=1)))
""",
    "Input tensor should": "v2.Normalize([0.5], [0.5])(torch.zeros(1, 8, 8, dtype=torch.uint8))",
    "Normalize() does not": "v2.Normalize([0.5], [0.5])(Image.new('L', (8, 8)))",
    "'Tensor' object": """
import albumentations as A
from albumentations.pytorch import ToTensorV2

A.Compose([ToTensorV2(), A.Normalize()])(image=np.zeros((8, 8, 3), "uint8"))
""",
    "All bounding boxes": """
flat = {"boxes": torch.tensor([[5.0, 5.0, 5.0, 9.0]]), "labels": torch.tensor([1])}
detection = torchvision.models.detection
model = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
model([torch.rand(3, 64, 64)], [flat])
""",
    "Expected target boxes": """
empty = {"boxes": torch.tensor([]), "labels": torch.zeros(0, dtype=torch.int64)}
detection = torchvision.models.detection
model = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
model([torch.rand(3, 64, 64)], [empty])
""",
    "The function is not": """
import cv2

cv2.imshow("picture", np.zeros((4, 4, 3), "uint8"))
""",
    "This DataLoader will": "DataLoader([1], num_workers=1000)",
    "Expected x_max": """
import albumentations as A

flip = A.Compose([A.HorizontalFlip(p=1)], bbox_params=A.BboxParams("yolo", label_fields=["labels"]))
beyond = np.array([[0.9, 0.5, 0.2025, 0.2]])
flip(image=np.zeros((64, 64, 3), "uint8"), bboxes=beyond, labels=[1])
""",
    "Expected x_min": """
import albumentations as A

flip = A.Compose([A.HorizontalFlip(p=1)], bbox_params=A.BboxParams("yolo", label_fields=["labels"]))
beyond = np.array([[0.0312, 0.5, 0.0626, 0.3]])
flip(image=np.zeros((64, 64, 3), "uint8"), bboxes=beyond, labels=[1])
""",
    "Argument(s) 'var_limit'": """
import albumentations as A

A.GaussNoise(var_limit=(10, 50))
""",
    "When using the default labels_getter": "v2.CutMix(num_classes=3)(tv_tensors.Image(torch.zeros(3, 8, 8)))",
}


def as_printed(message, code, names):
    """Whether the tool that the code calls prints the message, as an error or a warning; … stands for anything."""
    said = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(code, names)
        except ModuleNotFoundError as error:
            if error.name not in message:  # of a package that isn't installed
                raise
            said.append(str(error))
        except Exception as error:
            said += [str(error), str(error.__cause__)]
    said += [str(warning.message) for warning in warned]
    parts = [re.escape(part) for part in message.split("…")]
    return any(re.search(".+?".join(parts), text, re.DOTALL) for text in said)


def message_of(beginning):
    """The one message of the page that begins so."""
    (found,) = [message for message in MESSAGES if message.startswith(beginning)]
    return found


def code_of(title, framework):
    """The checks and the other blocks of an entry that are for a framework; without a name they are for both."""
    checks, blocks = [], []
    for code in FENCED.findall(ENTRIES[title]):
        named = NAMED.match(code)
        if named is not None and framework not in named[1]:
            continue
        if code.startswith("# Check"):
            checks.append(code)
        else:
            blocks.append(code)
    return checks, blocks


def entries(framework):
    """The titles that have code of a framework's own, or a check for both."""
    titles = [title for title in ENTRIES if title != FIRST_STEPS]
    return [title for title in titles if any(code_of(title, framework))]


def says(check, names):
    """What a check prints."""
    printed = []
    exec(check, names | {"print": printed.append})
    return [bool(value) for value in printed]


OWN_WORDS = (
    "augmentations=",
    "InitSchema",
    "albumentations",
    "split()",
    "MixUp(",
    "Lambda",
    "OpenCV",
    "resumed(",
    "the order of",
    "a Python generator",
    "loss(",
    "its boxes as",
    "width_shift_range",
    "random_brightness",
    "made your copies",
    "another size",
    "a zip object",
    "class_names",
    "super().__init__",
    "save_prefix",
    "rect=True",
    "empty boxes",
    "sched_getaffinity",
    "itertools.cycle",
    "Rescaling(1 / 255)",
    "a NumPy image",
    "a DataLoader in",
    "saved_model.save",
    "colour and blur",
    "Ultralytics",
)


def own_check(code):
    """The word in code that only a check with the same word is for."""
    return next((word for word in OWN_WORDS if word in code), None)


def run(block, names, checks=(), prepare=None):
    """What the check prints before and after a repair; the names that the code leaves behind are put into ``names``.

    Code of albumentations, or that defines split(), has a check of its own where the entry has one.
    """
    fitting = [check for check in checks if own_check(check) == own_check(block)]
    general = [check for check in checks if own_check(check) is None]
    start, *cases = re.split(r"^# (?:before|after)\b.*\n", block, flags=re.MULTILINE)
    exec(start, names)
    printed = []
    for case in cases:
        exec(case, names)
        if prepare:
            prepare(names)
        printed += [says(check, names) for check in fitting or general or checks]
    return printed


# What an entry needs beside the names of the first block, whatever the framework


def patients(names):
    """Two files and a copy of each, of five patients in each class; empty, as only their names matter."""
    shutil.rmtree("train")
    for patient in range(10):
        folder = Path("train", "cat" if patient < 5 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        for number in ("0", "0_aug0", "1", "1_aug0"):
            (folder / f"p{patient}-{number}.png").touch()


def phone():
    """A photograph that was taken with the phone on its side, in the working folder."""
    orientation = Image.Exif()
    orientation[274] = 6
    Image.effect_noise((60, 40), 64).convert("RGB").save("phone.jpg", exif=orientation)
