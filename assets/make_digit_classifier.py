"""Trains the fixed digit classifier that judges generated digits, and writes digit_classifier.safetensors.

Usage: python assets/make_digit_classifier.py; about a minute on one core. Prints its accuracy on the held-out digits,
and on how many of them it is at least 0.8 confident.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from models.digit_classifier import DigitClassifier  # noqa: E402
from playground.data.mnist import load_digits  # noqa: E402

STEPS, BATCH = 1500, 64


def shifted(x: torch.Tensor) -> torch.Tensor:
    """(batch, 784), all moved by the same few pixels."""
    by = torch.randint(-2, 3, (2,)).tolist()
    return x.view(-1, 28, 28).roll(by, (1, 2)).flatten(1)


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    digits = load_digits()
    x, c = torch.from_numpy(digits.train_images), torch.from_numpy(digits.train_labels)
    model = DigitClassifier()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        chosen = torch.randint(len(x), (BATCH,))
        loss = F.cross_entropy(model(shifted(x[chosen])), c[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()
    with torch.no_grad():
        confidence, guess = model(torch.from_numpy(digits.heldout_images)).softmax(1).max(1)
    right = (guess == torch.from_numpy(digits.heldout_labels)).float().mean()
    print(f"held-out accuracy {right:.3f}, at least 0.8 confident on {(confidence >= 0.8).float().mean():.3f}")
    save_file({name: t.half() for name, t in model.state_dict().items()}, HERE / "digit_classifier.safetensors")


if __name__ == "__main__":
    main()
