"""How ONNX files are opened: one place, because an option of the first session holds for the whole process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def open_session(model: Path | bytes, *, threads: int, arena: bool = True) -> Any:
    """An onnxruntime session on the CPU, with denormal numbers taken for zero.

    Two convolutions of the text detector meet denormals and take 75 % of its time; without them a page
    takes 0.38 s of processor time where it took 1.28 s, with equal output. onnxruntime heeds the option
    in the first session of a process for the calling thread, and in each session for its own threads:
    so this must open the process's first session, before paddleocr opens its own. `arena`: keep a run's memory for
    the next run; a model that is seldom run gives it back.
    """
    import onnxruntime

    # numpy looks at denormals once and warns if they are gone by then.
    for kind in (np.float32, np.float64):
        str(np.finfo(kind))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for work by spinning burn half as much processor time again (the detector: 0.58 s of two cores
    # for 0.38 s of work), which other processes need; waking them costs microseconds a layer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only
    # Patterns are kept for each shape of input, and every page brings new ones: 300 MB after eight pages, no time won.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = arena
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
