"""Sets up the environment that ``make`` works in, and tells how far it is."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time

# One line for this many packages.
STEP = 40


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


def requirements() -> int:
    """Return about how many packages there are: those asked for, and what these need in turn."""
    count = 0
    for name in ("requirements.txt", "constraints.txt"):
        with open(name, encoding="utf-8") as file:
            count += sum(bool(re.match(r"\w", line)) for line in file)
    return count


def install(python: str) -> int:
    """Install what ``requirements.txt`` names, with a line now and then; return pip's status.

    Parameters
    ----------
    python : str
        The environment's own interpreter.
    """
    start, found, said = time.monotonic(), 0, []
    about = requirements()
    print(f"Installing about {about} packages, 2 GB on disk: some minutes, this once.", flush=True)
    # Python compiles what it imports when it imports it; pip would compile all, which takes as long as all the rest.
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "--no-compile"]
    pip = subprocess.Popen(
        [*command, "-r", "requirements.txt"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    for line in pip.stdout or ():
        said.append(line)
        big = re.match(r"\s*Downloading (\S+?)-\d\S* \((\d+(?:\.\d+)? [MG]B)\)", line)
        if re.match(r"(Collecting|Processing|Obtaining) ", line):
            found += 1
            if found % STEP == 0:
                print(f"  {found} of about {about} found", flush=True)
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


def main(folder: str) -> int:
    """Make the environment in a folder, or say why not."""
    fault = complaint(platform.system(), platform.machine(), platform.mac_ver()[0])
    if fault:
        print(fault, file=sys.stderr)
        return 1
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return install(python)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        print("Interrupted; the next `make` goes on from here.")
        sys.exit(2)
