"""Shapes written in the signatures of `models/` are enforced while tests run."""

import torch
from jaxtyping import install_import_hook

install_import_hook("models", "beartype.beartype")
torch.set_num_threads(1)
