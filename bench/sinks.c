/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sinks [SECONDS]: records a second of one core, from the bytes of the ring to /dev/null: decoding,
 * filter and output as `vfscope trace` has them, fed with records made up here. Prints a line
 * of Markdown for each format and mix, and exits 1 where a budget is missed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "sink.h"
#include "tables.h"

enum { FILES = 512, RECORDS = 4096, RECORD_MAX = 512, PER_FLUSH = 16384, CGROUP = 4242 };
#define COMMON (VS_HAS_FD | VS_HAS_INODE | VS_HAS_FILE)

static struct {
	size_t len;
	_Alignas(8) char data[RECORD_MAX];
} ring[RECORDS];
static struct decoder decoder;
static struct options options;

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A path of three directories and a file, as the kernel side sends it: leaf first. */
static void add_name(__u64 id)
{
	_Alignas(8) char buf[sizeof(struct vs_rec_name) + 128];
	struct vs_rec_name *name = (void *)buf;
	char leaf[32], *p = (char *)(name + 1);
	const char *comps[] = {leaf, "main", "postgresql", "lib", "var"};
	struct record r;

	*name = (struct vs_rec_name){.type = VS_REC_NAME, .id = id, .fs = "ext4"};
	snprintf(leaf, sizeof(leaf), "segment-%llu.dat", id * 7919);
	for (size_t i = 0; i < sizeof(comps) / sizeof(*comps); i++) {
		*p = strlen(comps[i]);
		memcpy(p + 1, comps[i], *p);
		p += 1 + *p;
	}
	name->len = p - (char *)(name + 1);
	record_decode(&decoder, buf, p - buf, &r);
}

static void add_cgroup(void)
{
	_Alignas(8) char buf[sizeof(struct vs_rec_name) + 64];
	struct vs_rec_name *name = (void *)buf;
	static const char path[] = "\022postgresql.service\014system.slice";
	struct record r;

	*name = (struct vs_rec_name){.type = VS_REC_NAME,
				     .flags = VS_NAME_CGROUP,
				     .id = CGROUP,
				     .len = sizeof(path) - 1};
	memcpy(name + 1, path, name->len);
	record_decode(&decoder, buf, sizeof(*name) + name->len, &r);
}

/* A read or a write of a file whose path has been sent. */
static void make_data(struct vs_rec_op *op, __u64 i)
{
	op->op = i % 3 ? VS_OP_READ : VS_OP_WRITE;
	op->has = COMMON | VS_HAS_OFFSET | VS_HAS_REQ | VS_HAS_BYTES;
	op->path_id = 1 + i * 31 % FILES;
	op->offset = i * 8192 % 1000000007;
	op->req = op->bytes = 8192;
	op->ret = 8192;
	op->fd = 3 + i % 200;
}

/* An open, one in four of which fails, of a path as it was passed. */
static void make_open(struct vs_rec_op *op, __u64 i)
{
	char *path = (char *)(op + 1);

	op->op = VS_OP_OPEN;
	op->has = VS_HAS_PATH_ARG | VS_HAS_FLAGS | VS_HAS_INODE | VS_HAS_FD;
	op->path_len = snprintf(path, 128, "/etc/ssl/certs/%08llx.0", i * 2654435761 % 0xffffffff);
	op->flags = 02000000;
	op->ret = i % 4 ? 5 : -2;
	if (op->ret < 0)
		op->has = VS_HAS_PATH_ARG | VS_HAS_FLAGS;
}

static void make_stat(struct vs_rec_op *op, __u64 i)
{
	make_open(op, i);
	op->op = VS_OP_STAT;
	op->has &= ~(VS_HAS_FLAGS | VS_HAS_FD);
}

static void make_close(struct vs_rec_op *op, __u64 i)
{
	make_data(op, i);
	op->op = VS_OP_CLOSE;
	op->has = COMMON;
	op->ret = 0;
}

typedef void (*maker)(struct vs_rec_op *op, __u64 i);
enum { MIX = 8 };
static const struct mix {
	const char *title;
	maker make[MIX]; /* in turn */
} mixes[] = {
	{"reads and writes",
	 {make_data, make_data, make_data, make_data, make_data, make_data, make_data, make_data}},
	{"half of it open, stat, close",
	 {make_data, make_open, make_data, make_close, make_data, make_stat, make_data, make_stat}},
};

static void fill(const struct mix *mix)
{
	for (__u64 i = 0; i < RECORDS; i++) {
		struct vs_rec_op *op = (void *)ring[i].data;

		*op = (struct vs_rec_op){.type = VS_REC_OP,
					 .via = VS_VIA_RW,
					 .ftype = VS_FTYPE_REG,
					 .cgroup = CGROUP,
					 .comm = "postgres",
					 .pcomm = "systemd",
					 .pid = 10000 + i % 50,
					 .tid = 10000 + i % 50,
					 .ppid = 1,
					 .uid = 116,
					 .mnt_ns = 0xf0000000,
					 .dev = 254 << 20 | 1,
					 .ino = 1000000 + i,
					 .ts_ns = 1000000000 + i * 331,
					 .lat_ns = 700 + i * 131 % 40000};
		mix->make[i % MIX](op, i / MIX + i % MIX * 1000);
		ring[i].len = sizeof(*op) + op->path_len + op->path2_len;
	}
}

/* Records a second. */
static double rate(struct sink *sink, double seconds)
{
	double began = cpu_seconds(), now = began;
	__u64 n = 0;

	while (now - began < seconds) {
		for (int i = 0; i < PER_FLUSH; i++) {
			const void *data = ring[n % RECORDS].data;
			struct record r;

			if (record_decode(&decoder, data, ring[n % RECORDS].len, &r) &&
			    filter_passes(&options, NULL, &r))
				sink_record(sink, &r);
			n++;
		}
		if (sink_flush(sink))
			return 0;
		now = cpu_seconds();
	}
	return n / (now - began);
}

static const char *fs_of_path(struct str path)
{
	(void)path;
	return "ext4";
}

int main(int argc, char **argv)
{
	static const struct {
		enum format format;
		const char *title;
		double budget; /* millions a second */
	} formats[] = {
		{FORMAT_JSON, "JSON", 3}, {FORMAT_TABLE, "table", 2}, {FORMAT_CSV, "CSV", 0}};
	double seconds = argc > 1 ? atof(argv[1]) : 2;
	/* any file name: to see what is written; nothing is measured then */
	int fd = open(argc > 2 ? argv[2] : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600),
	    missed = 0;

	decoder.fs_of_path = fs_of_path;
	decoder.names = names_new(4 * FILES, 16 << 20);
	decoder.mnt_ns = 0xf0000000;
	for (__u64 id = 1; id <= FILES; id++)
		add_name(id);
	add_cgroup();
	for (size_t f = 0; f < sizeof(formats) / sizeof(*formats); f++)
		for (size_t m = 0; m < sizeof(mixes) / sizeof(*mixes); m++) {
			struct sink sink;
			double millions;

			options.format = formats[f].format;
			fill(&mixes[m]);
			sink_init(&sink, fd, &options);
			rate(&sink, seconds / 10);
			millions = rate(&sink, seconds) / 1e6;
			sink_fini(&sink);
			printf("| %s, %s | %.2f | %.0f |\n", formats[f].title, mixes[m].title,
			       millions, formats[f].budget);
			missed |= millions < formats[f].budget;
		}
	if (decoder.lost_path || decoder.malformed)
		fprintf(stderr, "sinks: %llu paths lost, %llu records malformed\n",
			decoder.lost_path, decoder.malformed);
	names_free(decoder.names);
	return missed || decoder.lost_path || decoder.malformed;
}
