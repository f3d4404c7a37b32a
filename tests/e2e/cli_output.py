# SPDX-License-Identifier: GPL-2.0
"""Formats: JSON, CSV and the table, with names that try to break them."""
import contextlib
import csv
import io
import json
import os

from act import Cases
from vfs import Scratch, Tracing, equal, fail

CASES = Cases()


HOSTILE = [b"plain", b"new\nline", b"\x1b[31mred", b"q\"uote", b"back\\slash", b"\xff\xfe",
           b"\xc3\xa9", b"comma,", b"tab\t", b"\xe2\x80\xaertl", b"\x7f", b"\xc2\x9b1m", b"\x07",
           b"  ", b"=cmd()"]


def traced_files(names, *options):
    """The output of a run in which the files of these names are each read once."""
    with Scratch() as scratch:
        fds = [os.open(os.fsencode(scratch) + b"/" + name, os.O_CREAT | os.O_RDWR)
               for name in names]
        with Tracing("trace", "-d", scratch, "-o", "read", *options) as tracing:
            for fd in fds:
                os.pread(fd, 10, 5)
            output = tracing.stop()
        for fd in fds:
            os.close(fd)
        equal("exit status", output.status, 0)
        return output, os.fsencode(scratch)


def canonical(name):
    """A name in a JSON string: valid UTF-8 as it is, any other byte as \\u00XX."""
    out, at = "", 0
    while at < len(name):
        for size in (1, 2, 3, 4):
            with contextlib.suppress(UnicodeDecodeError):
                char = name[at:at + size].decode("utf-8")
                if len(char) == 1:
                    out += json.dumps(char, ensure_ascii=False)[1:-1] if char >= " " and \
                        char != "\x7f" else "\\u%04x" % ord(char)
                    at += size
                    break
        else:
            out += "\\u%04x" % name[at]
            at += 1
    return out


@CASES.case
def json_escapes():
    output, scratch = traced_files(HOSTILE, "-j", "-F", "path")
    lines = output.out.decode("utf-8").split("\n")
    for name, line in zip(HOSTILE, lines):
        wanted = canonical(name).replace("\\u007f", "\x7f")
        alternative = canonical(name)  # DEL may stand as it is, or escaped
        prefix = '{"path":"%s/' % scratch.decode()
        if line not in (prefix + wanted + '"}', prefix + alternative + '"}'):
            fail("expected %r\ngot      %r", prefix + wanted + '"}', line)


@CASES.case
def json_fields():
    output, scratch = traced_files([b"a", b"b"], "-j", "-F", "op,bytes,path,err,req")
    lines = output.out.decode().splitlines()
    for name, line in zip("ab", lines):
        equal("line", line,
              '{"op":"read","bytes":0,"path":"%s/%s","req":10}' % (scratch.decode(), name))
    equal("lines", len(lines), 3)
    output, _ = traced_files([b"a"], "-f", "json", "-F", "-ts_ns,-lat_ns,-cgroup,+op")
    keys = list(output.records()[0])
    equal("last key", keys[-1], "op")
    for key in ("ts_ns", "lat_ns", "cgroup"):
        if key in keys:
            fail("%s is there", key)
    for key in ("type", "pid", "comm", "path", "mnt_ns", "ret"):
        if key not in keys:
            fail("%s is not there", key)


@CASES.case
def json_fields_without_path():
    """The path filter works although no path is shown."""
    output, _ = traced_files([b"a"], "-j", "-F", "op,ret")
    equal("output", output.out.splitlines()[0], b'{"op":"read","ret":0}')


@CASES.case
def csv_exact():
    output, scratch = traced_files([b"a", b"b"], "-f", "csv", "-F",
                                   "op,via,offset,req,bytes,err,path")
    lines = output.out.decode().splitlines()
    equal("header", lines[0], "op,via,offset,req,bytes,err,path")
    for name, line in zip("ab", lines[1:]):
        equal("row", line, '"read","rw",5,10,0,,"%s/%s"' % (scratch.decode(), name))
    equal("rows", len(lines), 4)
    if not lines[3].startswith("# {"):
        fail("no summary: %r", lines[3])
    summary = json.loads(lines[3][2:])
    equal("summary", (summary["type"], summary["events"], summary["exact"]), ("summary", 2, True))


@CASES.case
def csv_hostile():
    output, scratch = traced_files(HOSTILE, "-f", "csv", "-F", "op,path,ret")
    lines = output.out.decode("utf-8").split("\n")
    equal("lines", len(lines), len(HOSTILE) + 3)
    for name, line in zip(HOSTILE, lines[1:]):
        row = next(csv.reader(io.StringIO(line)))
        text = canonical(name).replace('\\"', '"')
        if row[1] not in (scratch.decode() + "/" + text,
                          scratch.decode() + "/" + text.replace("\\u007f", "\x7f")):
            fail("expected %r\ngot      %r", text, row)
        equal("columns of %r" % row, (row[0], row[2], len(row)), ("read", "0", 3))


@CASES.case
def table_hostile():
    """No control characters but newlines, and one line for each file."""
    output, _ = traced_files(HOSTILE, "--color", "never")
    text = output.out.decode("utf-8")
    bad = [char for char in text if (ord(char) < 32 or 127 <= ord(char) < 160 or
                                     ord(char) in (0x202e, 0x2066)) and char != "\n"]
    equal("control characters", bad, [])
    equal("lines", text.count("\n"), 1 + len(HOSTILE))
    for seen in ("\\x1b[31mred", "new\\nline", "\\xff\\xfe", "back\\\\slash", "é"):
        if seen not in text:
            fail("%r is not shown:\n%s", seen, text)
    if b"none lost" not in output.err:
        fail("no summary: %r", output.err)


@CASES.case
def table_columns():
    output, _ = traced_files([b"a"], "--color", "never", "-F", "op,bytes,name")
    equal("table", [line.split() for line in output.out.decode().splitlines()],
          [["OP", "BYTES", "NAME"], ["read", "0", "a"]])
    output, _ = traced_files([b"a"], "-F", "+fs,-path2")
    header = output.out.decode().splitlines()[0].split()
    if "FS" not in header or "PATH" not in header:
        fail("the columns are %s", header)
    output, _ = traced_files([b"a"], "--color", "always")
    if b"\x1b[1m" not in output.out:
        fail("no colour: %r", output.out)
    output, _ = traced_files([b"a"])
    if b"\x1b" in output.out:
        fail("colour where no terminal is: %r", output.out)
