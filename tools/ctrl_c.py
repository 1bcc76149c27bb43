"""Presses Ctrl-C in a build at a terminal, in several stages, and looks whether each stop is clean and the build goes on.

    python3 tools/ctrl_c.py recipes/pico.yaml WORKDIR     from the root of the repository
"""
import os
import pty
import select
import sys
import time

STAGES = ["curate", "pretrain.p2", "sft"]  # the longest of pico: a stop must meet them at work
LONGEST = 300  # seconds until a build is taken for stuck


def build(recipe, workdir, stage):
    """Builds at a terminal of its own; presses Ctrl-C a moment into a stage. Exit code and output."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("./quarry", ["./quarry", "build", recipe, "--workdir", workdir])
    output, press = b"", None
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                read = os.read(terminal, 1 << 16)
            except OSError:  # the other end was closed
                break
            if not read:
                break
            output += read
        if press is None and stage and (" " + stage + " ").encode() in output:
            press = time.monotonic() + 0.2
        if press and time.monotonic() > press:
            os.write(terminal, b"\x03")
            press = float("inf")
    else:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        sys.exit(f"the build did not end within {LONGEST} s of being asked to stop in {stage}")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode(errors="replace")


def main(recipe, workdir):
    for stage in STAGES:
        code, output = build(recipe, workdir, stage)
        if code != 130 or "the same command goes on" not in output:
            sys.exit(f"Ctrl-C in {stage}: exit {code}, expected 130 and a word about going on; the output ended with\n"
                     + output[-600:])
        print(f"Ctrl-C in {stage}: stopped cleanly")
    code, output = build(recipe, workdir, None)
    if code != 0:
        sys.exit(f"after Ctrl-C the build ended with {code}:\n" + output[-600:])
    print("the build went on to its end")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
