#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""peers_page.py LOG...: what peers.py has found on several kernels, as the page docs/peers.md."""
import re
import subprocess
import sys


def version(package):
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False)
    return result.stdout.decode() or "not installed"


def main():
    table, kernels = {}, []
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8", errors="replace") as log:
            for line in log:
                if not re.match("(# )+peers [|] ", line):
                    continue
                _, tool, kernel, what = [cell.strip() for cell in line.split("|")][:4]
                table.setdefault(tool, {})[kernel] = what
                if kernel not in kernels:
                    kernels.append(kernel)
    kernels.sort(key=lambda kernel: [int(n) for n in re.findall(r"\d+", kernel)])
    print(f"""# Presets beside their namesakes

The tools of Debian's libbpf-tools {version("libbpf-tools")} and bpfcc-tools {version("bpfcc-tools")} and vfscope's presets, both at
work while one program runs: `make peers` writes this page. `equal`: both say the same number, which is
also what the program has done. Where theirs says another, the number that is done is vfscope's, and the known
fault of theirs stands behind it. Where theirs does not run on a kernel, its last words stand there. An empty cell has not been run.
""")
    print("| tool |", " | ".join(kernels), "|")
    print("| --- |" + " --- |" * len(kernels))
    for tool, cells in table.items():
        print(f"| {tool} |", " | ".join(cells.get(kernel, "") for kernel in kernels), "|")
    print("""
Those "of bcc" are of bpfcc-tools, which compile for the running kernel and want its headers: Debian's, if the archive
still has those of just that kernel (`VMLAB_HEADERS`, `tests/vm/kernel.sh`). Where it has not, none of them runs.""")


main()
