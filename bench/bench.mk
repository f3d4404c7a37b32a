# What `make bench` runs; included by the top Makefile.

BENCH_DIR   := $(BUILD)/bench
BENCH_PROGS := $(addprefix $(BENCH_DIR)/,ops scale pair floor floor.bpf.o sinks)

$(BENCH_DIR):
	mkdir -p $@

# static: it starts the same on every root
$(BENCH_DIR)/ops $(BENCH_DIR)/scale: $(BENCH_DIR)/%: bench/%.c bench/measure.h | $(BENCH_DIR)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -static $< -o $@

$(BENCH_DIR)/pair: bench/pair.c | $(BENCH_DIR)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 $< -o $@ -pthread

$(BENCH_DIR)/floor: bench/floor.c | $(BENCH_DIR)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 $< -o $@ $(LIBS)

$(BENCH_DIR)/floor.bpf.o: bench/floor.bpf.c | $(BENCH_DIR)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

# an archive, from which the linker takes what decodes and prints
$(BENCH_DIR)/libvfscope.a: $(OBJS) | $(BENCH_DIR)
	rm -f $@
	$(AR) rcs $@ $(filter-out $(BUILD)/main.o $(BUILD)/cmd_%.o,$^)

$(BENCH_DIR)/sinks: bench/sinks.c $(BENCH_DIR)/libvfscope.a
	$(CC) $(ALL_CFLAGS) $^ -o $@ $(LIBS)
