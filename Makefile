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
TRIPLET  := $(shell $(CC) -dumpmachine)
ARCH     := $(patsubst x86_64%,x86,$(patsubst aarch64%,arm64,$(TRIPLET)))

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iinclude -Isrc -isystem $(BUILD) $(WARNINGS) $(CFLAGS)
LIBS     := -lbpf -lelf -lz -lcap-ng -lm
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Iinclude -I/usr/include/$(TRIPLET) -Wall -Werror

SRCS := $(wildcard src/*.c)
OBJS := $(SRCS:src/%.c=$(BUILD)/%.o)

all: $(BUILD)/vfscope $(BUILD)/vfscope.8 $(BUILD)/vfscope.bash

$(BUILD):
	mkdir -p $@

$(BUILD)/vfscope.bpf.o: $(wildcard bpf/*) include/vfscope.h | $(BUILD)
	$(CLANG) $(BPF_CFLAGS) -c bpf/vfscope.bpf.c -o $@
	$(STRIP) -g $@

$(BUILD)/vfscope.skel.h: $(BUILD)/vfscope.bpf.o
	$(BPFTOOL) gen skeleton $< name vfscope > $@.tmp
	mv $@.tmp $@

$(BUILD)/%.o: src/%.c $(wildcard src/*.h) include/vfscope.h Makefile | $(BUILD)
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

clean:
	rm -rf $(BUILD)

.PHONY: all clean
.DELETE_ON_ERROR:
