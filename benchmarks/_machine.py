"""One line about the machine and the versions, to stand above every table."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ["scikit-learn", "skorch", "torch", "numpy"]


def describe():
    """Processor, cores, Python and the versions of what does the work."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor()}, {cores} cores, Python {platform.python_version()}, {versions}"


def _processor():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
