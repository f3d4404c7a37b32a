// SPDX-License-Identifier: GPL-2.0
/* fields.c: each field where a record has it and where not, and the lists of -F. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fields.h"
#include "flags.h"
#include "syscalls.h"
#include "tables.h"

static const struct field *field(const char *name)
{
	for (int i = 0; i < field_table_len; i++)
		if (!strcmp(field_table[i].name, name))
			return &field_table[i];
	fail_msg("no field %s", name);
	return NULL;
}

static void check_int(const struct record *r, const char *name, __s64 i)
{
	struct value v;

	assert_true(field(name)->get(r, &v));
	assert_int_equal(v.type, VALUE_INT);
	assert_false(field(name)->is_string);
	if (v.i != i)
		fail_msg("%s: %lld instead of %lld", name, v.i, i);
}

static void check_str(const struct record *r, const char *name, const char *text)
{
	struct value v;

	assert_true(field(name)->get(r, &v));
	assert_int_equal(v.type, VALUE_STR);
	assert_true(field(name)->is_string);
	if (v.s.len != strlen(text) || memcmp(v.s.p, text, v.s.len))
		fail_msg("%s: '%.*s' instead of '%s'", name, (int)v.s.len, v.s.p, text);
}

static void check_absent(const struct record *r, const char *name)
{
	struct value v;

	if (field(name)->get(r, &v))
		fail_msg("%s is there", name);
}

#define STR(text) ((struct str){text, sizeof(text) - 1})

static struct record full(void)
{
	return (struct record){
		.op = {.op = VS_OP_RENAME,
		       .via = VS_VIA_COPY_FILE_RANGE,
		       .ftype = VS_FTYPE_BLK,
		       .has = ~0U,
		       .ts_ns = 1000,
		       .lat_ns = 2000,
		       .ino = UINT64_MAX,
		       .ret = -ENOENT,
		       .offset = -1,
		       .req = UINT64_MAX,
		       .bytes = 4096,
		       .dev = 259 << 20 | 70000,
		       .pid = 1,
		       .tid = 2,
		       .ppid = 3,
		       .uid = UINT32_MAX,
		       .mnt_ns = 4026531841,
		       .fd = -100,
		       .flags = O_RDWR,
		       .mode = 0644,
		       .comm = "comm",
		       .pcomm = "pcomm"},
		.path = STR("/dir/file"),
		.path2 = STR("/other"),
		.fs = "ext4",
	};
}

static void present(void **state)
{
	struct record r = full();

	(void)state;
	fields_epoch_ns = 1700000000000000000;
	check_int(&r, "ts_ns", 1700000000000001000);
	fields_epoch_ns = 0;
	check_str(&r, "type", "op");
	check_int(&r, "lat_ns", 2000);
	check_str(&r, "op", "rename");
	check_str(&r, "via", "copy_file_range");
	check_int(&r, "pid", 1);
	check_int(&r, "tid", 2);
	check_int(&r, "ppid", 3);
	check_int(&r, "uid", 4294967295);
	check_str(&r, "comm", "comm");
	check_str(&r, "pcomm", "pcomm");
	check_int(&r, "mnt_ns", 4026531841);
	check_int(&r, "fd", -100);
	check_str(&r, "path", "/dir/file");
	check_str(&r, "path2", "/other");
	check_str(&r, "name", "file");
	check_str(&r, "dev", "259:70000");
	check_int(&r, "ino", -1); /* the bits of UINT64_MAX */
	assert_true(field("ino")->is_unsigned);
	check_str(&r, "fs", "ext4");
	check_str(&r, "ftype", "blk");
	check_int(&r, "offset", -1);
	assert_false(field("offset")->is_unsigned);
	check_int(&r, "req", -1);
	assert_true(field("req")->is_unsigned);
	check_int(&r, "bytes", 4096);
	assert_true(field("bytes")->is_unsigned);
	check_int(&r, "ret", -ENOENT);
	check_str(&r, "err", "ENOENT");
	check_str(&r, "flags", "RENAME_EXCHANGE");
	check_str(&r, "mode", "0644");
}

/* What is there of a record that has nothing: everything else is absent. */
static void absent(void **state)
{
	static const char *const always[] = {"type", "ts_ns", "lat_ns", "op",	 "pid",	   "tid",
					     "ppid", "uid",   "comm",	"pcomm", "mnt_ns", "ret"};
	struct record r = {.op = {.op = VS_OP_SYNC}};

	(void)state;
	for (int i = 0; i < field_table_len; i++) {
		bool is_always = false;
		struct value v;

		for (size_t j = 0; j < sizeof(always) / sizeof(*always); j++)
			is_always |= !strcmp(always[j], field_table[i].name);
		if (field_table[i].get(&r, &v) != is_always)
			fail_msg("%s", field_table[i].name);
	}
}

/* Each bit of vs_has makes its own fields appear, and only them. */
static void each_bit(void **state)
{
	static const struct {
		__u32 has;
		const char *name, *name2;
	} bits[] = {
		{VS_HAS_FD, "fd", NULL},      {VS_HAS_OFFSET, "offset", NULL},
		{VS_HAS_REQ, "req", NULL},    {VS_HAS_BYTES, "bytes", NULL},
		{VS_HAS_INODE, "dev", "ino"}, {VS_HAS_FLAGS, "flags", NULL},
		{VS_HAS_MODE, "mode", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		struct record with = full(), without = full();

		with.op.has = bits[i].has;
		without.op.has = ~bits[i].has;
		for (int j = 0; j < field_table_len; j++) {
			const struct field *f = &field_table[j];
			bool own = !strcmp(f->name, bits[i].name) ||
				   (bits[i].name2 && !strcmp(f->name, bits[i].name2));
			struct value v;

			if (own)
				assert_true(f->get(&with, &v) && !f->get(&without, &v));
		}
		for (size_t j = 0; j < sizeof(bits) / sizeof(*bits); j++)
			if (j != i)
				check_absent(&with, bits[j].name);
	}
}

static const char *name_of(const char *path)
{
	static char text[64];
	struct record r = {.path = {path, strlen(path)}};
	struct value v;

	assert_true(field("name")->get(&r, &v));
	snprintf(text, sizeof(text), "%.*s", (int)v.s.len, v.s.p);
	return text;
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(name_of("/a/b/c"), "c");
	assert_string_equal(name_of("/a"), "a");
	assert_string_equal(name_of("/"), "/");
	assert_string_equal(name_of("a"), "a");
	assert_string_equal(name_of("a/b"), "b");
	assert_string_equal(name_of("pipe:[1]"), "pipe:[1]");
	assert_string_equal(name_of("/tmp/x (deleted)"), "x (deleted)");
}

static void errors(void **state)
{
	struct record r = full();

	(void)state;
	r.op.ret = 0;
	check_absent(&r, "err");
	r.op.ret = 4096;
	check_absent(&r, "err");
	r.op.ret = -EAGAIN;
	check_str(&r, "err", "EAGAIN");
	r.op.ret = -512;
	check_str(&r, "err", "ERESTARTSYS");
	r.op.ret = -4095;
	check_str(&r, "err", "E4095");
	r.op.ret = -4096; /* an address */
	check_absent(&r, "err");
	r.op.ret = INT64_MIN;
	check_absent(&r, "err");
}

static void check_flags(__u32 flags, const char *text)
{
	struct record r = full();

	r.op.op = VS_OP_OPEN;
	r.op.flags = flags;
	check_str(&r, "flags", text);
}

/* fcntl.h's own numbers, so that the test holds on every architecture. */
static void flags(void **state)
{
	(void)state;
	check_flags(O_RDONLY, "O_RDONLY");
	check_flags(O_WRONLY, "O_WRONLY");
	check_flags(O_ACCMODE, "O_ACCMODE");
	check_flags(O_RDWR | O_CREAT, "O_RDWR|O_CREAT");
	check_flags(O_WRONLY | O_CREAT | O_EXCL | O_TRUNC, "O_WRONLY|O_CREAT|O_EXCL|O_TRUNC");
	check_flags(O_APPEND | O_NONBLOCK | O_NOCTTY, "O_RDONLY|O_NOCTTY|O_APPEND|O_NONBLOCK");
	check_flags(O_SYNC, "O_RDONLY|O_SYNC"); /* holds the bit of O_DSYNC */
	check_flags(O_DSYNC, "O_RDONLY|O_DSYNC");
	check_flags(O_TMPFILE | O_RDWR, "O_RDWR|O_TMPFILE"); /* holds that of O_DIRECTORY */
	check_flags(O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	check_flags(O_DIRECT | O_NOFOLLOW, "O_RDONLY|O_DIRECT|O_NOFOLLOW");
	check_flags(O_ASYNC | O_NOATIME, "O_RDONLY|O_ASYNC|O_NOATIME");
	check_flags(O_CLOEXEC | O_PATH, "O_RDONLY|O_CLOEXEC|O_PATH");
	check_flags(0100000000, "O_RDONLY|0x1000000");
	check_flags(0x80000000 | O_CLOEXEC, "O_RDONLY|O_CLOEXEC|0x80000000");
}

/* The same bits have other names in other calls. */
static void flags_of_mounts(void **state)
{
	const struct {
		enum vs_op op;
		__u32 flags;
		const char *text;
	} rows[] = {
		{VS_OP_MOUNT, MS_RDONLY | MS_REMOUNT | MS_BIND, "MS_RDONLY|MS_REMOUNT|MS_BIND"},
		{VS_OP_MOUNT, 0, "0"},
		{VS_OP_UMOUNT, MNT_DETACH | UMOUNT_NOFOLLOW, "MNT_DETACH|UMOUNT_NOFOLLOW"},
		{VS_OP_FSCONFIG, 6, "FSCONFIG_CMD_CREATE"},
		{VS_OP_FSCONFIG, 77, "0x4d"},
		{VS_OP_OPEN_TREE, 1 | O_CLOEXEC, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC"},
	};
	struct record r = full();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		r.op.op = rows[i].op;
		r.op.flags = rows[i].flags;
		check_str(&r, "flags", rows[i].text);
	}
}

/* A program may pass any bits: none of them is left out of the text. */
static void all_flags(void **state)
{
	struct record r = full();
	struct value v;

	(void)state;
	r.op.op = VS_OP_OPEN;
	r.op.flags = ~0U;
	assert_true(field("flags")->get(&r, &v));
	assert_non_null(memmem(v.s.p, v.s.len, "|O_NOFOLLOW|", 12));
	assert_non_null(memmem(v.s.p, v.s.len, "|O_PATH|0x", 10));
}

static void modes(void **state)
{
	struct record r = full();

	(void)state;
	r.op.mode = 0;
	check_str(&r, "mode", "0000");
	r.op.mode = 04755;
	check_str(&r, "mode", "4755");
	r.op.mode = S_IFREG | 0600;
	check_str(&r, "mode", "100600");
	r.op.mode = UINT32_MAX;
	check_str(&r, "mode", "37777777777");
}

static void every_word(void **state)
{
	struct record r = full();

	(void)state;
	for (int op = 1; op < VS_OP_MAX; op++) {
		r.op.op = op;
		check_str(&r, "op", op_table[op].name);
	}
	for (int via = 1; via < VS_VIA_MAX; via++) {
		r.op.via = via;
		check_str(&r, "via", via_table[via].name);
	}
	for (int ftype = 1; ftype < VS_FTYPE_MAX; ftype++) {
		r.op.ftype = ftype;
		check_str(&r, "ftype", ftype_table[ftype].name);
	}
}

/* The fields of a list, joined; "!name" if that is what was refused. */
static const char *parsed(const char *def, const char *list)
{
	static char text[1024];
	struct fields from, fields;
	const char *wrong;

	assert_null(fields_parse(&from, NULL, def));
	wrong = fields_parse(&fields, &from, list);
	if (wrong) {
		snprintf(text, sizeof(text), "!%s", wrong);
		return text;
	}
	*text = '\0';
	for (int i = 0; i < fields.len; i++)
		strcat(strcat(text, i ? "," : ""), fields.field[i]->name);
	return text;
}

static void lists(void **state)
{
	(void)state;
	assert_string_equal(parsed("pid,comm", "path"), "path");
	assert_string_equal(parsed("pid,comm", "path,op,pid"), "path,op,pid");
	assert_string_equal(parsed("pid,comm", "+path"), "pid,comm,path");
	assert_string_equal(parsed("pid,comm", "+op,+fd"), "pid,comm,op,fd");
	assert_string_equal(parsed("pid,comm", "-pid"), "comm");
	assert_string_equal(parsed("pid,comm", "-pid,+op"), "comm,op");
	assert_string_equal(parsed("pid,comm", "-path"), "pid,comm");
	assert_string_equal(parsed("pid,comm", "-pid,-comm"), "");
	/* signs behind a list of names change that list */
	assert_string_equal(parsed("pid,comm", "op,fd,+ret,-op"), "fd,ret");
	/* a field stands there once */
	assert_string_equal(parsed("pid,comm", "op,path,op"), "path,op");
	assert_string_equal(parsed("pid,comm", "op,op,op"), "op");
	assert_string_equal(parsed("pid,comm", "type,ts_ns,path2,mnt_ns"),
			    "type,ts_ns,path2,mnt_ns");
}

/* The names at the end of a line fill it up: what is added stands before them. */
static void added_before_names(void **state)
{
	(void)state;
	assert_string_equal(parsed("pid,path,path2", "+fd"), "pid,fd,path,path2");
	assert_string_equal(parsed("pid,path,path2", "+fd,+op"), "pid,fd,op,path,path2");
	assert_string_equal(parsed("path", "+fd"), "fd,path");
	assert_string_equal(parsed("path,pid", "+fd"), "path,pid,fd");
	assert_string_equal(parsed("pid,path", "+path2"), "pid,path,path2");
	/* a list of names stands as it is */
	assert_string_equal(parsed("pid", "path,path2,fd"), "path,path2,fd");
}

static void bad_lists(void **state)
{
	char many[4096] = "pid";

	(void)state;
	assert_string_equal(parsed("pid", "nosuch"), "!nosuch");
	assert_string_equal(parsed("pid", "op,nosuch,ret"), "!nosuch");
	assert_string_equal(parsed("pid", "+nosuch"), "!nosuch");
	assert_string_equal(parsed("pid", "-nosuch,op"), "!nosuch");
	assert_string_equal(parsed("pid", "op,PID"), "!PID");
	assert_string_equal(parsed("pid", "pi"), "!pi"); /* no abbreviations */
	assert_string_equal(parsed("pid", "pidd"), "!pidd");
	assert_string_equal(parsed("pid", "pid op"), "!pid op");
	assert_string_equal(parsed("pid", ""), "!");
	assert_string_equal(parsed("pid", "op,"), "!");
	assert_string_equal(parsed("pid", ",op"), "!");
	assert_string_equal(parsed("pid", "+"), "!");
	assert_string_equal(parsed("pid", "op,-"), "!");
	assert_string_equal(parsed("pid", "++op"), "!+op");
	/* more items than there are fields */
	for (int i = 0; i < 500; i++)
		strcat(many, i % 2 ? ",+pid" : ",tid");
	assert_string_equal(parsed("pid", many), "tid,pid");
}

static void defaults(void **state)
{
	struct fields all = fields_all(), wide = fields_table(COLUMNS_WIDE),
		      narrow = fields_table(COLUMNS_WIDE - 1);

	(void)state;
	int named = 0;

	assert_true(field_table_len <= FIELDS_MAX);
	for (int i = 0; i < field_table_len; i++) {
		if (field_table[i].only_named)
			named++;
		else
			assert_ptr_equal(all.field[i - named], &field_table[i]);
	}
	assert_int_equal(named, 3); /* exe, args, data */
	assert_int_equal(all.len, field_table_len - named);
	/* in few columns the time gives way, and nothing else */
	assert_string_equal(wide.field[0]->name, "ts_ns");
	assert_int_equal(narrow.len, wide.len - 1);
	for (int i = 0; i < narrow.len; i++)
		assert_ptr_equal(narrow.field[i], wide.field[i + 1]);
	/* what has no width of its own stands last */
	for (int i = 0; i < wide.len - 2; i++)
		assert_int_not_equal(wide.field[i]->width, 0);
}

static void wanted(void **state)
{
	struct fields fields;

	(void)state;
	fields_parse(&fields, NULL, "pid,path");
	fields_want(&fields, "data");
	assert_int_equal(fields.len, 3);
	assert_string_equal(fields.field[2]->name, "data");
	fields_want(&fields, "data");
	fields_want(&fields, "pid");
	assert_int_equal(fields.len, 3);
	assert_string_equal(fields.field[0]->name, "pid");
}

static void needs(void **state)
{
	struct fields fields, none = {.len = 0};

	(void)state;
	assert_int_equal(fields_needs(&none), 0);
	fields_parse(&fields, NULL, "pid,comm,op,ret");
	assert_int_equal(fields_needs(&fields), 0);
	fields_parse(&fields, NULL, "pid,pcomm,path");
	assert_int_equal(fields_needs(&fields), NEEDS_PARENT | NEEDS_PATH);
	fields_parse(&fields, NULL, "container,mnt_ns");
	assert_int_equal(fields_needs(&fields), NEEDS_CGROUP);
	fields_parse(&fields, NULL, "exe,pod");
	assert_int_equal(fields_needs(&fields), NEEDS_CGROUP | NEEDS_PROCS);
	fields = fields_all();
	assert_int_equal(fields_needs(&fields),
			 NEEDS_PARENT | NEEDS_CGROUP | NEEDS_PATH | NEEDS_TIME);
}

/* The names of the contract, each once. */
static void contract(void **state)
{
	static const char *const names[] = {
		"type",	 "ts_ns", "lat_ns", "op",	 "via",	   "pid",  "tid",   "ppid",  "uid",
		"comm",	 "pcomm", "cgroup", "container", "mnt_ns", "fd",   "path",  "path2", "name",
		"dev",	 "ino",	  "fs",	    "ftype",	 "offset", "req",  "bytes", "ret",   "err",
		"flags", "mode",  "exe",    "args",	 "pod",	   "data",
	};
	size_t n = sizeof(names) / sizeof(*names);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_non_null(field(names[i]));
	for (int i = 0; i < field_table_len; i++) {
		assert_non_null(field_table[i].title);
		assert_true(*field_table[i].help);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(field_table[i].name, field_table[j].name);
	}
}

/* What a call is given or moves, the operations that it is have. */
static void calls_have(const struct syscall_row *row, const char *name, bool has)
{
	if (has && syscall_ops(&row->sys) & ~field_ops(name))
		fail_msg("%s is not of %s", name, row->name);
}

static void operations_have(void **state)
{
	const __u64 own_tracepoints = VS_BIT(VS_OP_PAGE) | VS_BIT(VS_OP_BIO);

	(void)state;
	for (int i = 0; i < syscall_table_len; i++) {
		const struct syscall_row *row = &syscall_table[i];
		enum vs_shape shape = row->sys.shape;
		bool by_fd =
			shape == VS_SHAPE_FD || shape == VS_SHAPE_OPEN || shape == VS_SHAPE_COPY;

		calls_have(row, "fd", by_fd || (shape == VS_SHAPE_TEXT && row->sys.fd));
		calls_have(row, "path", row->sys.path);
		calls_have(row, "path2", row->sys.path2);
		calls_have(row, "offset", row->sys.off);
		calls_have(row, "mode", row->sys.mode && shape != VS_SHAPE_TEXT);
		calls_have(row, "via", row->sys.via);
		calls_have(row, "bytes", row->sys.bits & VS_SYS_RET_BYTES);
		calls_have(row, "mount_type", row->sys.text);
	}
	assert_true(field_ops("flags") == flags_ops());
	assert_true(field_ops("pid") == ~0ULL);
	assert_true(field_ops("dir") == field_ops("path"));
	assert_true((field_ops("bytes") & own_tracepoints) == own_tracepoints);
	assert_true(field_ops("queue_ns") == VS_BIT(VS_OP_BIO));
	assert_false(field_ops("fd") & VS_BIT(VS_OP_UNLINK));
	assert_false(field_ops("err") & VS_BIT(VS_OP_RUNQ));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(present),   cmocka_unit_test(absent),
		cmocka_unit_test(each_bit),  cmocka_unit_test(names),
		cmocka_unit_test(errors),    cmocka_unit_test(flags),
		cmocka_unit_test(all_flags), cmocka_unit_test(flags_of_mounts),
		cmocka_unit_test(modes),     cmocka_unit_test(every_word),
		cmocka_unit_test(lists),     cmocka_unit_test(added_before_names),
		cmocka_unit_test(bad_lists), cmocka_unit_test(defaults),
		cmocka_unit_test(needs),     cmocka_unit_test(wanted),
		cmocka_unit_test(contract),  cmocka_unit_test(operations_have),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
