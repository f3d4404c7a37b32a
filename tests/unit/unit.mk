# The unit tests: one program a module, built with ASan and UBSan; included by the top Makefile.
#
#   UNIT_PROGS   the programs; each prints TAP with CMOCKA_MESSAGE_OUTPUT=TAP
#
# All of src/ but main, the commands and tracer.c (which needs the skeleton) goes into one
# archive, from which the linker takes what a test needs.

UNIT_DIR    := $(BUILD)/unit
UNIT_CFLAGS := -std=gnu11 -D_GNU_SOURCE -DVERSION='"test"' -Iinclude -iquote src -O1 -g \
	       -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Werror
UNIT_LIBS   := -lcmocka -lcap-ng -lncursesw -ltinfo -lm

UNIT_TESTS  := $(wildcard tests/unit/test_*.c)
UNIT_PROGS  := $(UNIT_TESTS:tests/unit/%.c=$(UNIT_DIR)/%)
UNIT_SRCS   := $(filter-out src/main.c src/tracer.c src/cmd_%.c,$(wildcard src/*.c))
UNIT_OBJS   := $(UNIT_SRCS:src/%.c=$(UNIT_DIR)/%.o)
UNIT_HEADERS := $(wildcard src/*.h include/*.h)

$(UNIT_DIR):
	mkdir -p $@

$(UNIT_DIR)/%.o: src/%.c $(UNIT_HEADERS) tests/unit/unit.mk | $(UNIT_DIR)
	$(CC) $(UNIT_CFLAGS) -c $< -o $@

$(UNIT_DIR)/libvfscope.a: $(UNIT_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

$(UNIT_DIR)/test_%: tests/unit/test_%.c $(UNIT_DIR)/libvfscope.a $(wildcard tests/unit/*.h) \
		     $(UNIT_HEADERS)
	$(CC) $(UNIT_CFLAGS) $< $(UNIT_EXTRA) -o $@ $(UNIT_DIR)/libvfscope.a $(UNIT_LIBS)

# test_cgroups reaches into cgroups.c, which it includes
$(UNIT_DIR)/test_cgroups: src/cgroups.c

# The system calls by the kernel's own headers: nr_x86_64[], nr_i386[], nr_arm64[]. A header
# that this machine does not have makes an empty list. The macros are those of arm64.
UNIT_NR_WANT := -D__ARCH_WANT_RENAMEAT -D__ARCH_WANT_NEW_STAT -D__BITS_PER_LONG=64
UNIT_NR := $(UNIT_DIR)/nr_x86_64.o $(UNIT_DIR)/nr_i386.o $(UNIT_DIR)/nr_arm64.o
$(UNIT_DIR)/nr_x86_64.o: UNIT_NR_HEADER := asm/unistd_64.h
$(UNIT_DIR)/nr_i386.o:   UNIT_NR_HEADER := asm/unistd_32.h
$(UNIT_DIR)/nr_arm64.o:  UNIT_NR_HEADER := asm-generic/unistd.h

$(UNIT_NR): $(UNIT_DIR)/nr_%.o: tests/unit/nr.h tests/unit/unit.mk | $(UNIT_DIR)
	{ echo '#include "nr.h"'; \
	  if echo '#include <$(UNIT_NR_HEADER)>' | $(CC) -E -xc - >/dev/null 2>&1; then \
		echo '#include <$(UNIT_NR_HEADER)>'; \
	  fi; \
	  echo 'const struct nr nr_$*[] = {'; \
	  echo '#include <$(UNIT_NR_HEADER)>' | $(CC) $(UNIT_NR_WANT) -E -dM -xc - \
		2>/dev/null | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/	{"\1", __NR_\1},/p' | LC_ALL=C sort; \
	  echo '	{0, 0}};'; } > $(@:.o=.c)
	$(CC) $(UNIT_CFLAGS) $(UNIT_NR_WANT) -Itests/unit -c $(@:.o=.c) -o $@
$(UNIT_DIR)/test_syscalls: UNIT_EXTRA := $(UNIT_NR)
$(UNIT_DIR)/test_syscalls: $(UNIT_NR)
