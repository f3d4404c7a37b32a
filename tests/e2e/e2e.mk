# The programs of the end-to-end tests. Included by the top Makefile; `tests/e2e/run.py`
# runs what stands in $(BUILD)/e2e. Static, since a loader's I/O would be traced too.

E2E_HERE   := tests/e2e
E2E_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror
E2E_LIB    := $(E2E_HERE)/e2e.c
E2E_HEADERS := $(E2E_HERE)/e2e.h $(E2E_HERE)/uring_raw.h
E2E_NAMES  := data copy names open meta xattr paths hostile procs aio uring load
E2E_NAMES_32 := data copy names open xattr aio uring compat
E2E_PROGS  := $(E2E_NAMES:%=$(BUILD)/e2e/%) $(if $(filter x86,$(ARCH)),$(E2E_NAMES_32:%=$(BUILD)/e2e/%32))
e2e: $(E2E_PROGS)
.PHONY: e2e

$(BUILD)/e2e:
	mkdir -p $@

$(E2E_NAMES:%=$(BUILD)/e2e/%): \
$(BUILD)/e2e/%: $(E2E_HERE)/%.c $(E2E_LIB) $(E2E_HEADERS) | $(BUILD)/e2e
	$(CC) $(E2E_CFLAGS) -static -pthread -o $@ $< $(E2E_LIB)

# 64-bit file sizes and inode numbers in the libc's struct stat, as on x86-64
$(E2E_NAMES_32:%=$(BUILD)/e2e/%32): \
$(BUILD)/e2e/%32: $(E2E_HERE)/%.c $(E2E_LIB) $(E2E_HEADERS) | $(BUILD)/e2e
	$(CC) -m32 -D_FILE_OFFSET_BITS=64 $(E2E_CFLAGS) -static -pthread -o $@ $< $(E2E_LIB)
