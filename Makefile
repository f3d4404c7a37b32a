# vfscope. `make help` lists the targets.
#
#   build/vfscope.bpf.o      kernel side: clang, CO-RE
#   build/vfscope.skel.h     the same as a C header, by bpftool
#   build/vfscope            user side; build/vfscope-static: one static binary
#   build/vfscope.8 .bash    man page and completion, printed by the program itself

VERSION  := 0.1.0
PREFIX   ?= /usr/local
BUILD    := build

CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)
STRIP    ?= llvm-strip
# for another architecture: where its headers and libraries lie (see tests/vm/arm64.sh)
SYSROOT  ?=
TRIPLET  := $(shell $(CC) -dumpmachine)
ARCH     := $(patsubst x86_64%,x86,$(patsubst aarch64%,arm64,$(TRIPLET)))

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iinclude -iquote src -isystem $(BUILD) $(WARNINGS) $(CFLAGS)
LIBS     := -lbpf -lelf -lz -lcap-ng -lncursesw -ltinfo -lm
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Iinclude -I$(SYSROOT)/usr/include/$(TRIPLET) -Wall -Werror

all: # the default, whatever the fragments hold
include tests/unit/unit.mk tests/e2e/e2e.mk

SRCS := $(wildcard src/*.c)
OBJS := $(SRCS:src/%.c=$(BUILD)/%.o)

include bench/bench.mk

all: $(BUILD)/vfscope $(BUILD)/vfscope.8 $(BUILD)/vfscope.bash

$(BUILD):
	mkdir -p $@

$(BUILD)/vfscope.bpf.o: $(wildcard bpf/* include/*.h) | $(BUILD)
	$(CLANG) $(BPF_CFLAGS) -c bpf/vfscope.bpf.c -o $@
	$(STRIP) -g $@

$(BUILD)/vfscope.skel.h: $(BUILD)/vfscope.bpf.o
	$(BPFTOOL) gen skeleton $< name vfscope > $@.tmp
	mv $@.tmp $@

$(BUILD)/%.o: src/%.c $(wildcard src/*.h include/*.h) Makefile | $(BUILD)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(BUILD)/tracer.o: $(BUILD)/vfscope.skel.h

$(BUILD)/vfscope: $(OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/vfscope-static: $(OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^ $(LIBS)

$(BUILD)/vfscope.8: $(BUILD)/vfscope
	$< help --man > $@
$(BUILD)/vfscope.bash: $(BUILD)/vfscope
	$< help --bash > $@

# printed from the table of presets, and kept, for readers; a test compares them
docs/presets.md: $(BUILD)/vfscope
	$< help --presets > $@

$(BUILD)/crowd $(BUILD)/load $(BUILD)/strain: $(BUILD)/%: tests/system/%.c | $(BUILD)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -pthread $< -o $@

$(BUILD)/refuse.so: tests/system/refuse.c | $(BUILD)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -shared $< -o $@

# --- what a user calls ----------------------------------------------------------------

# The machine's real I/O: live on a terminal, else for 10 seconds.
run:
	@scripts/deps.sh build
	@$(MAKE) --no-print-directory all
	@if [ -t 1 ]; then exec $(BUILD)/vfscope top; else exec $(BUILD)/vfscope top 1 10; fi

# Everything; the last line is "N passed, N failed".
test:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory all tests
	@tests/run.sh $(BUILD)

# The same on Debian's kernels under QEMU; KERNEL=6.12 picks one. See tests/vm/README.md.
KERNELS     := 5.10 6.1 6.12 6.18 7.2
KERNELS_ALL := 5.10 6.1 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3 6.12-arm64 6.12-arm64-16k
test-vm:
	@scripts/deps.sh build test vm
	@$(MAKE) --no-print-directory all tests
	@tests/run.sh $(BUILD) $(or $(KERNEL),$(KERNELS))
# What CI runs: everything here, and on these kernels the suites that tests/vm/run.sh has for it.
ci:
	@scripts/deps.sh build test vm
	@$(MAKE) --no-print-directory all tests
	@SUITES=ci tests/run.sh $(BUILD) here $(KERNELS)
test-vm-all:
	@$(MAKE) --no-print-directory test-vm KERNEL="$(KERNELS_ALL)"

# Presets beside the tools whose names they have, on kernels under QEMU: docs/peers.md
peers:
	@scripts/deps.sh build vm peers
	@$(MAKE) --no-print-directory all
	tests/system/flags.py
	@SUITES="peers-1-2 peers-2-2 peers-bcc" VMLAB_HEADERS=1 tests/vm/run.sh $(or $(KERNEL),$(KERNELS))
	tests/system/peers_page.py build/vm/*.peers-*.log > docs/peers.md

tests: $(UNIT_PROGS) $(E2E_PROGS) $(BUILD)/crowd $(BUILD)/load $(BUILD)/strain $(BUILD)/refuse.so

# Instructions added to one operation, beside other tools, on kernels under QEMU; records a second.
bench:
	@scripts/deps.sh build vm bench
	@$(MAKE) --no-print-directory all $(BUILD)/load $(BENCH_PROGS)
	@bench/run.sh $(BENCH)

static: $(BUILD)/vfscope-static

install: all
	install -Dm755 $(BUILD)/vfscope $(DESTDIR)$(PREFIX)/sbin/vfscope
	install -Dm644 $(BUILD)/vfscope.8 $(DESTDIR)$(PREFIX)/share/man/man8/vfscope.8
	install -Dm644 $(BUILD)/vfscope.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vfscope

C_FILES := $(wildcard src/*.[ch] bpf/*.[ch] include/*.h tests/*/*.[ch] bench/*.[ch])
fmt:
	clang-format -i $(C_FILES)

lint:
	clang-format --dry-run -Werror $(C_FILES)
	cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
		--suppress=missingInclude --suppress=unknownMacro -D_GNU_SOURCE -D__x86_64__ -Iinclude -Isrc src
	shellcheck -x scripts/*.sh tests/*.sh tests/vm/*.sh bench/*.sh .ci/run

clean:
	rm -rf $(BUILD)

help:
	@echo "run      install what it needs, build, and show this machine's file operations (root)"
	@echo "test     install what they need, build, and run all tests (root)"
	@echo "test-vm  the same on Debian's kernels under QEMU; KERNEL=6.12 picks one; test-vm-all: on more"
	@echo "ci       test, and on these kernels the suites of the guests (root)"
	@echo "peers    presets beside the tools whose names they have: writes docs/peers.md (root, hours)"
	@echo "all      build/vfscope, its man page and completion (the default)"
	@echo "static   build/vfscope-static: one static binary"
	@echo "install  to PREFIX ($(PREFIX)), below DESTDIR"
	@echo "bench    what watching costs: writes docs/benchmarks.md (root, half an hour)"
	@echo "fmt lint clean"

.PHONY: all run test test-vm test-vm-all ci peers tests bench static install fmt lint clean help
.DELETE_ON_ERROR:
