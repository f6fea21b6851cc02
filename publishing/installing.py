"""Sets up the environment that ``make`` works in, and tells how far it is.

The book, JupyterLab, printing and the tests are installed when they are asked for, each from a file of its own.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# One line for this many packages.
STEP = 40
#: What is installed, in words, and what it takes on disk.
PARTS = {
    "requirements.txt": ("what the book needs", "1.3 GB"),
    "requirements/lab.txt": ("JupyterLab", "0.2 GB"),
    "requirements/pdf.txt": ("what printing needs", "0.2 GB"),
    "requirements/tests.txt": ("what the tests need", "0.5 GB"),
}
#: PyTorch's own index of builds without CUDA.
SMALL_PYTORCH = "https://download.pytorch.org/whl/cpu"


def complaint(system: str, machine: str, release: str) -> str:
    """Return why the book cannot be installed on a system, or nothing if it can.

    Parameters
    ----------
    system, machine : str
        As ``platform`` names them.
    release : str
        Of macOS, such as ``"14.5"``; empty elsewhere.
    """
    elsewhere = "Read the published book, or run the notebooks in the cloud: chapters/running.md says how."
    if system == "Darwin" and machine == "x86_64":
        return f"This Python is for Macs with an Intel processor, and PyTorch has no build for them. {elsewhere}"
    if system == "Darwin" and release and int(release.split(".")[0]) < 14:
        return f"This is macOS {release}, and PyTorch has builds for macOS 14 and newer only. {elsewhere}"
    return ""


class Index(NamedTuple):
    """Where packages come from.

    Attributes
    ----------
    own : bool
        Whether somebody has chosen for this machine or this call.
    small : bool
        Whether to ask PyTorch's index, too.
    word : str
        What the reader is told, if anything.
    """

    own: bool
    small: bool
    word: str = ""


def index(system: str, environment: Mapping[str, str], configured: str, reachable: bool) -> Index:
    """Decide where packages come from: on Linux the usual index has PyTorch with gigabytes of CUDA.

    Parameters
    ----------
    system : str
        As ``platform`` names it.
    environment : mapping of str to str
        The environment. A variable of pip that names an index is obeyed, also an empty one.
    configured : str
        What ``pip config list`` says.
    reachable : bool
        Whether PyTorch's index answers.
    """
    named = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS"} & environment.keys()
    if named or re.search(r"\b(extra-)?index-url|no-index|find-links", configured):
        return Index(True, False)
    if system != "Linux":
        return Index(False, False)
    if reachable:
        return Index(False, True, "PyTorch comes without CUDA, which the book does not use, from its own index.")
    return Index(
        False, False,
        f"PyTorch's index of small builds does not answer ({SMALL_PYTORCH}); what comes instead may bring "
        "several gigabytes of CUDA. Stop with Ctrl-C if that is too much, and try later.",
    )  # fmt: skip


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address}/torch/", method="HEAD"), timeout=4):
            return True
    except (OSError, ValueError):
        return False


def requirements() -> int:
    """Return about how many packages the book needs: those asked for, and what these need in turn."""
    count = 0
    for name in ("requirements.txt", "constraints.txt"):
        with open(name, encoding="utf-8") as file:
            count += sum(bool(re.match(r"\w", line)) for line in file)
    return count


def install(python: str, file: str = "requirements.txt", options: Sequence[str] = ()) -> int:
    """Install with pip what a file names, with a line now and then; return pip's status.

    Parameters
    ----------
    python : str
        The environment's own interpreter.
    file : str
        The requirements.
    options : sequence of str
        More words for pip.
    """
    start, found, said = time.monotonic(), 0, []
    about = f" of about {requirements()}" if file == "requirements.txt" else ""
    # Python compiles what it imports when it imports it; pip would compile all, which takes as long as all the rest.
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "--no-compile"]
    what, size = PARTS[file]
    print(f"Installing {what}, {size} on disk: some minutes, this once.", flush=True)
    pip = subprocess.Popen(
        [*command, *options, "-r", file],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    for line in pip.stdout or ():
        said.append(line)
        big = re.match(r"\s*Downloading (\S+?)-\d\S* \((\d+(?:\.\d+)? [MG]B)\)", line)
        if re.match(r"(Collecting|Processing|Obtaining) ", line):
            found += 1
            if found % STEP == 0:
                print(f"  {found}{about} packages found", flush=True)
        elif big and float(big[2].split()[0]) >= (50 if big[2].endswith("MB") else 0):
            print(f"  fetching {big[1]}, {big[2]}", flush=True)
        elif line.startswith("Installing collected packages"):
            print(f"  all found after {time.monotonic() - start:.0f} s; now they are unpacked", flush=True)
    pip.communicate()
    status = pip.returncode
    if status:
        print("".join(line for line in said if not line.startswith("WARNING"))[-3000:], file=sys.stderr)
    else:
        print(f"  installed in {time.monotonic() - start:.0f} s", flush=True)
    return status


def install_with_uv(uv: str, python: str, file: str, options: Sequence[str] = ()) -> bool:
    """Install with uv, which takes a tenth of the time and shows how far it is; tell whether it could.

    Parameters
    ----------
    uv : str
        Its program.
    python, file, options
        As for `install`.
    """
    what, size = PARTS[file]
    print(f"Installing {what} with uv: {size} on disk, this once.", flush=True)
    # With two indexes uv would take all that the first one has from there, old as it may be.
    several = ["--index-strategy", "unsafe-best-match"] if options else []
    done = subprocess.run([uv, "pip", "install", "--python", python, *several, *options, "-r", file], check=False)
    if done.returncode:
        print("uv could not; pip tries.", flush=True)
    return done.returncode == 0


def main(folder: str, file: str) -> int:
    """Install a part into the environment in a folder, which is made if it is not there, or say why not."""
    fault = complaint(platform.system(), platform.machine(), platform.mac_ver()[0])
    if fault:
        print(fault, file=sys.stderr)
        return 1
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    configured = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout  # fmt: skip
    first = file == "requirements.txt"  # only this brings PyTorch
    asked = first and platform.system() == "Linux" and not index("", os.environ, configured, False).own
    chosen = index(platform.system() if first else "", os.environ, configured, asked and _answers(SMALL_PYTORCH))
    if chosen.word:
        print(chosen.word, flush=True)
    options = ["--extra-index-url", SMALL_PYTORCH] if chosen.small else []
    uv = shutil.which("uv")
    # uv does not read pip's settings.
    if uv and not chosen.own and install_with_uv(uv, python, file, options):
        return 0
    return install(python, file, options)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("Interrupted; the next `make` goes on from here.")
        sys.exit(2)
