"""Shared by the generators: where the files go, the versions written into each, one thread, JSON with exact floats."""

import json
import pathlib
import platform

import numpy
import safetensors
import tokenizers
import torch
import transformers

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

OUT = pathlib.Path(__file__).resolve().parents[1] / "src" / "main" / "resources" / "golden"

VERSIONS = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "torch": torch.__version__,
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "safetensors": safetensors.__version__,
}


def plain(value):
    """Tensors and arrays become nested lists; the floats keep their exact value through repr."""
    if isinstance(value, torch.Tensor):
        return value.detach().tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def write(path, content, ascii_only=False):
    """Writes {"versions": ..., **content} as compact JSON; NaN and infinities are an error."""
    target = OUT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {"versions": VERSIONS, **plain(content)}, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":")
    )
    target.write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {len(text)} characters")
