#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Each flag that the help of a namesake names (Debian's libbpf-tools, bpfcc-tools) is one of the preset, but
for those that docs/presets.md says there are not."""
import json
import re
import shutil
import subprocess

from common import VFSCOPE, check, finish, need

# of all fs...: the name says which file system; the others: docs/presets.md
NOT_HERE = {"--cgroupmap", "--mntnsmap", "--pattern", "-P of biosnoop", "-t of dist", "--type of dist"}


def flags_of(tool):
    """(flag, does it take an argument)"""
    text = subprocess.run([tool, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout.decode()
    for line in text.splitlines():
        if re.match(r"\s+-[\w?-]", line):
            words = re.split(r"\s{2,}", line.strip())[0]
            takes = re.search(r"--?[\w-]+[= ][A-Z{/]", words)
            for flag in re.findall(r"(?<![\w/-])--?[\w?][\w-]*", words):
                yield flag, bool(takes)


def excused(preset, flag):
    kind = "dist" if re.fullmatch(r"(ext4|xfs|btrfs|nfs)(dist|slower)", preset) else preset
    return flag in NOT_HERE or f"{flag} of {kind}" in NOT_HERE


def main():
    need("opensnoop", "opensnoop-bpfcc")
    listed = subprocess.run([VFSCOPE, "list", "-j", "presets"], stdout=subprocess.PIPE, check=True).stdout
    tools = 0
    for preset in [json.loads(line)["name"] for line in listed.splitlines()]:
        for tool in filter(shutil.which, (preset, preset + "-bpfcc")):
            tools += 1
            problems = []
            for flag, takes in sorted(set(flags_of(tool))):
                # -D is --disk too: that of biolatency which takes a disk is meant
                if flag in ("-?", "--usage") or excused(preset, flag) or (flag == "--disk" and not takes):
                    continue
                words = [flag, "0:0" if "disk" in flag or flag == "-d" else "1"] if takes else [flag]
                result = subprocess.run([VFSCOPE, preset, *words, "--help"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, check=False)
                problems += [result.stderr.decode().strip()] if result.returncode else []
            check(f"flags of {tool}", problems)
    check(f"namesakes: {tools}", [] if tools > 25 else ["there have been more"])


main()
finish()
