"""ONNX Runtime, told to keep to itself before it is loaded: newer builds report their use to their maker.

No figure of this school leaves its machine, not even how often a model was loaded.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def session(network: Path) -> "InferenceSession":
    """Load a network for one thread at a time: the server has other work.

    Raises OSError or onnxruntime's own error where the file cannot be read.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - it reads the environment, and most commands need no network

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(network.read_bytes(), options, providers=["CPUExecutionProvider"])
