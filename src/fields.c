/* SPDX-License-Identifier: GPL-2.0 */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups.h"
#include "flags.h"
#include "tables.h"
#include "util.h"

__s64 fields_epoch_ns;

static bool put_str(struct value *v, struct str s)
{
	v->type = VALUE_STR;
	v->s = s;
	return s.p != NULL;
}

static bool put_cstr(struct value *v, const char *s)
{
	return put_str(v, (struct str){s, s ? strlen(s) : 0});
}

/* Are the texts of a mount a struct mount_attr? */
static bool is_attr(const struct record *r)
{
	return r->op.op != VS_OP_MOUNT && r->op.op != VS_OP_FSCONFIG;
}

/* clang-format off */
#define GET(name_) static bool get_##name_(const struct record *r, struct value *v)
#define GET_INT(name_, value_) GET(name_) { return value_int(v, value_); }
#define GET_IF(name_, has_, value_)                                                                \
	GET(name_) { return (r->op.has & (has_)) && value_int(v, value_); }

GET(type) { (void)r; return put_cstr(v, "op"); }
GET_INT(ts_ns, (__s64)r->op.ts_ns + fields_epoch_ns)
GET(lat_ns) { return r->op.lat_ns != VS_LAT_UNKNOWN && value_int(v, r->op.lat_ns); }
GET(op) { return put_cstr(v, op_table[r->op.op].name); }
GET(kind) { return r->op.has >> VS_HAS_KIND_SHIFT && put_cstr(v, kind_table[r->op.has >> VS_HAS_KIND_SHIFT].name); }
GET(layer) { __u32 layer = r->op.has >> VS_HAS_LAYER_SHIFT & 7; return layer && value_int(v, layer); }
GET(via) { return r->op.via && put_cstr(v, via_table[r->op.via].name); }
GET_INT(pid, r->op.pid)
GET_INT(tid, r->op.tid)
GET_INT(ppid, r->op.ppid)
GET_INT(uid, r->op.uid)
GET(comm) { return put_cstr(v, r->op.comm); }
GET(pcomm) { return put_cstr(v, r->op.pcomm); }
GET(cgroup) { return put_cstr(v, cgroup_path(r->op.cgroup)); }
GET(container) { return put_cstr(v, cgroup_container(r->op.cgroup)); }
GET(pod) { return put_cstr(v, cgroup_pod(r->op.cgroup)); }
GET(exe) { return r->proc && r->proc->program && put_str(v, r->proc->program->exe); }
GET(args) { return r->proc && put_str(v, procs_args(r->proc)); }
GET(data) { return put_str(v, r->data); }
GET_INT(mnt_ns, r->op.mnt_ns)
GET_IF(fd, VS_HAS_FD, r->op.fd)
GET(path) { return put_str(v, r->path); }
GET(path2) { return put_str(v, r->path2); }
GET(mount_type) { return put_str(v, r->mount_type); }
GET(mount_data) { return !is_attr(r) && put_str(v, r->mount_data); }
GET(mount_aux) { return r->op.op == VS_OP_FSCONFIG && value_int(v, (__s32)r->op.mode); }
GET_IF(ino, VS_HAS_INODE, r->op.ino)
GET(fs) { return !r->fs_is_guess && put_cstr(v, r->fs); }
GET(ftype) { return r->op.ftype && put_cstr(v, ftype_table[r->op.ftype].name); }
GET_IF(offset, VS_HAS_OFFSET, r->op.offset)
GET_IF(req, VS_HAS_REQ, r->op.req)
GET_IF(bytes, VS_HAS_BYTES, r->op.bytes)
GET_INT(ret, r->op.ret)
GET_IF(queue_ns, VS_HAS_QUEUE, (__u64)r->op.mode << 32 | r->op.flags)
GET(prev_comm) { return r->op.op == VS_OP_RUNQ && put_cstr(v, r->op.prev_comm); }
GET(prev_tid) { return r->op.op == VS_OP_RUNQ && value_int(v, r->op.flags); }
/* clang-format on */

GET(name)
{
	const char *slash;

	if (!r->path.p)
		return false;
	slash = r->path.len > 1 ? memrchr(r->path.p, '/', r->path.len) : NULL;
	if (!slash)
		return put_str(v, r->path);
	return put_str(v, (struct str){slash + 1, r->path.p + r->path.len - slash - 1});
}

GET(dev)
{
	char *p;

	if (!(r->op.has & VS_HAS_INODE))
		return false;
	p = write_u64(v->buf, r->op.dev >> 20);
	*p++ = ':';
	p = write_u64(p, r->op.dev & 0xfffff);
	return put_str(v, (struct str){v->buf, p - v->buf});
}

GET(err)
{
	if (r->op.ret >= 0 || r->op.ret < -4095)
		return false;
	if (errno_name(-r->op.ret))
		return put_cstr(v, errno_name(-r->op.ret));
	snprintf(v->buf, sizeof(v->buf), "E%lld", -r->op.ret);
	return put_cstr(v, v->buf);
}

GET(flags)
{
	static const __u64 rarely =
		VS_BIT(VS_OP_RENAME) | VS_BIT(VS_OP_LINK) | VS_BIT(VS_OP_FALLOCATE);

	if (!(r->op.has & VS_HAS_FLAGS) || (!r->op.flags && rarely & VS_BIT(r->op.op)))
		return false;
	flags_write(v->buf, sizeof(v->buf), r->op.op, r->op.flags);
	return put_cstr(v, v->buf);
}

/* As strace has it: of fsmount the attributes, of others the whole struct mount_attr. */
GET(mount_attr)
{
	static char text[640];
	char set[240], clear[240], propagation[80];
	__u64 attr[4]; /* include/uapi/linux/mount.h */

	if (r->op.op == VS_OP_FSMOUNT) {
		flags_write(v->buf, sizeof(v->buf), FLAGS_MOUNT_ATTR, r->op.mode);
		return put_cstr(v, v->buf);
	}
	if (!is_attr(r) || r->mount_data.len != sizeof(attr))
		return false;
	memcpy(attr, r->mount_data.p, sizeof(attr));
	flags_write(set, sizeof(set), FLAGS_MOUNT_ATTR, attr[0]);
	flags_write(clear, sizeof(clear), FLAGS_MOUNT_ATTR, attr[1]);
	flags_write(propagation, sizeof(propagation), FLAGS_PROPAGATION, attr[2]);
	snprintf(text, sizeof(text), "{attr_set=%s, attr_clr=%s, propagation=%s, userns_fd=%llu}",
		 set, clear, propagation, attr[3]);
	return put_cstr(v, text);
}

GET(mode)
{
	if (!(r->op.has & VS_HAS_MODE))
		return false;
	snprintf(v->buf, sizeof(v->buf), "%04o", r->op.mode);
	return put_cstr(v, v->buf);
}

/* clang-format off */
#define STR(name_, title_, width_, needs_, help_)                                                  \
	{.name = #name_, .title = title_, .width = width_, .is_string = true, .needs = needs_,     \
	 .get = get_##name_, .help = help_}
#define ID(name_, title_, width_, needs_, help_)                                                   \
	{.name = #name_, .title = title_, .width = width_, .is_string = true, .is_id = true,       \
	 .needs = needs_, .get = get_##name_, .help = help_}
#define INT(name_, title_, width_, unit_, needs_, help_)                                           \
	{.name = #name_, .title = title_, .width = width_, .right = true, .unit = unit_,           \
	 .needs = needs_, .get = get_##name_, .help = help_}
#define UINT(name_, title_, width_, unit_, needs_, help_)                                          \
	{.name = #name_, .title = title_, .width = width_, .right = true, .is_unsigned = true,     \
	 .unit = unit_, .needs = needs_, .get = get_##name_, .help = help_}
#define NAMED(name_, title_, needs_, help_)                                                        \
	{.name = #name_, .title = title_, .is_string = true, .only_named = true, .needs = needs_,  \
	 .get = get_##name_, .help = help_}

const struct field field_table[] = {
	STR(type, "TYPE", 4, 0, "what kind of record: op, summary"),
	INT(ts_ns, "TIME", 12, UNIT_CLOCK, NEEDS_TIME, "start of the operation, nanoseconds since 1970"),
	INT(lat_ns, "LAT", 6, UNIT_TIME, NEEDS_TIME, "duration, nanoseconds"),
	STR(op, "OP", 9, 0, "the operation"),
	STR(via, "VIA", 8, 0, "by which door the bytes went"),
	INT(pid, "PID", 7, UNIT_NONE, 0, "process (thread group)"),
	INT(tid, "TID", 7, UNIT_NONE, 0, "thread"),
	INT(ppid, "PPID", 7, UNIT_NONE, NEEDS_PARENT, "parent process"),
	INT(uid, "UID", 5, UNIT_NONE, 0, "user"),
	STR(comm, "COMM", 15, 0, "name of the thread"),
	STR(pcomm, "PCOMM", 15, NEEDS_PARENT, "name of the parent process"),
	STR(cgroup, "CGROUP", 24, NEEDS_CGROUP, "path in the cgroup v2 hierarchy"),
	ID(container, "CONTAINER", 12, NEEDS_CGROUP, "container id, from the cgroup; in tables 12 of 64 digits"),
	ID(pod, "POD", 36, NEEDS_CGROUP, "pod of the container: uid of Kubernetes, id of Podman (likewise)"),
	INT(mnt_ns, "MNT_NS", 10, UNIT_NONE, 0, "mount namespace"),
	INT(fd, "FD", 4, UNIT_FD, 0, "descriptor"),
	STR(path, "PATH", 0, NEEDS_PATH, "absolute path, as the process sees it"),
	{.name = "path2", .title = "", .is_string = true, .before = "-> ", .needs = NEEDS_PATH,
	 .get = get_path2,
	 .help = "new name of a rename or link, target of a symlink, destination of a copy"},
	STR(mount_type, "TYPE", 8, 0, "of mount: the type of file system that is asked for"),
	STR(mount_data, "DATA", 0, 0, "of mount: its data; of fsconfig: the value that is set"),
	INT(mount_aux, "AUX", 6, UNIT_FD, 0, "of fsconfig: its last argument, a descriptor, or the length of a value of bytes"),
	STR(mount_attr, "ATTR", 0, 0, "of fsmount, mount_setattr, open_tree_attr: the attributes that are set and cleared"),
	STR(name, "NAME", 24, NEEDS_PATH, "last component of the path"),
	STR(dev, "DEV", 7, 0, "device of the file system, MAJOR:MINOR"),
	UINT(ino, "INODE", 10, UNIT_NONE, 0, "inode number"),
	STR(fs, "FS", 8, NEEDS_PATH, "type of the file system"),
	STR(ftype, "FTYPE", 5, 0, "reg, dir, lnk, sock, fifo, chr, blk, anon"),
	INT(offset, "OFFSET", 10, UNIT_NONE, 0, "where in the file"),
	UINT(req, "REQ", 6, UNIT_BYTES, 0, "bytes asked for"),
	UINT(bytes, "BYTES", 6, UNIT_BYTES, 0, "bytes moved, 0 where it failed"),
	INT(ret, "RET", 6, UNIT_NONE, 0, "what the kernel returned"),
	STR(err, "ERR", 8, 0, "name of the error, if it failed"),
	STR(flags, "FLAGS", 20, 0, "flags of open, rename, link, fallocate, mounts"),
	STR(mode, "MODE", 6, 0, "mode, in octal"),
	NAMED(exe, "EXE", NEEDS_PROCS, "program of the process; only if named"),
	NAMED(args, "ARGS", NEEDS_PROCS, "command line of the process; only if named"),
	{.name = "data", .title = "DATA", .is_string = true, .is_bytes = true, .only_named = true,
	 .get = get_data, .help = "the bytes that --peek takes"},
	STR(kind, "KIND", 11, 0, "of a fault: minor, major, minor-write, major-write; of page: add, remove, dirty, hit, miss; of bio: read, write, flush ...; reflink"),
	INT(queue_ns, "QUEUE", 6, UNIT_TIME, 0, "of a block request: from its making to the device, nanoseconds"),
	STR(prev_comm, "PREV_COMM", 15, 0, "of a wait for a processor: name of the task that had it before"),
	INT(prev_tid, "PREV_TID", 8, UNIT_NONE, 0, "likewise its thread id, 0 where it was idle"),
	INT(layer, "LAYER", 5, UNIT_NONE, 0, "within so many other operations (--layers)"),
};
/* clang-format on */

const int field_table_len = ARRAY_LEN(field_table);

/* clang-format off */
#define OP(e) VS_BIT(VS_OP_##e)
#define NO_PATH (OP(FSOPEN) | OP(FSCONFIG) | OP(FSMOUNT) | OP(RUNQ))
#define NO_FILE (NO_PATH | OP(MOUNT) | OP(UMOUNT))
#define KERNEL_OPS                                                                                 \
	(OP(READ) | OP(WRITE) | OP(FSYNC) | OP(READDIR) | OP(FALLOCATE) | OP(CREATE) | OP(MKDIR) | \
	 OP(RMDIR) | OP(UNLINK) | OP(RENAME) | OP(LINK) | OP(SYMLINK) | OP(MKNOD) | OP(SETATTR) | OP(STAT))

/* Fields that not every operation can have, whoever does it and whatever comes of it. */
static const struct {
	const char *name;
	__u64 ops;
} some_have[] = {
	{"kind", OP(FAULT) | OP(PAGE) | OP(LOOKUP) | OP(BIO) | OP(READ) | OP(WRITE)}, /* these are reflinks */
	{"layer", KERNEL_OPS},
	/* the kernel's own, of mapped files, by io_uring */
	{"via", KERNEL_OPS | OP(FAULT) | OP(OPEN) | OP(CLOSE) | OP(TRUNCATE) | OP(GETXATTR) | OP(SETXATTR)},
	/* with AT_EMPTY_PATH, calls on paths have one too; not all can be given it */
	{"fd", ~(NO_FILE | OP(FAULT) | OP(UNLINK) | OP(RENAME) | OP(MKDIR) | OP(RMDIR) | OP(SYMLINK) |
		 OP(MKNOD) | OP(LOOKUP) | OP(PAGE) | OP(EXEC) | OP(BIO)) | OP(FSCONFIG) | OP(FSMOUNT)},
	{"path", ~NO_PATH}, {"name", ~NO_PATH}, {"dir", ~NO_PATH}, {"fs", ~NO_PATH},
	{"dev", ~NO_FILE}, {"ino", ~NO_FILE}, {"ftype", ~NO_FILE},
	{"path2", OP(RENAME) | OP(LINK) | OP(SYMLINK) | OP(READ) | OP(MOUNT) | OP(MOVE_MOUNT) | OP(FSOPEN) | OP(FSCONFIG)},
	{"mount_type", OP(MOUNT)},
	{"mount_data", OP(MOUNT) | OP(FSCONFIG)},
	{"mount_aux", OP(FSCONFIG)},
	{"mount_attr", OP(FSMOUNT) | OP(MOUNT_SETATTR) | OP(OPEN_TREE)},
	{"lat_ns", ~(OP(LOOKUP) | OP(PAGE))}, /* a page and a name are met, not waited for */
	{"offset", OP(READ) | OP(WRITE) | OP(FSYNC) | OP(FALLOCATE) | OP(FAULT) | OP(PAGE) | OP(BIO)},
	{"bytes", OP(READ) | OP(WRITE) | OP(READDIR) | OP(PAGE) | OP(BIO)},
	{"err", ~(OP(FAULT) | OP(LOOKUP) | OP(PAGE) | OP(RUNQ))},
	{"flags", 0}, /* those of flags.c */
	{"mode", OP(OPEN) | OP(CREATE) | OP(MKDIR) | OP(MKNOD) | OP(SETATTR)},
	{"queue_ns", OP(BIO)},
	{"prev_comm", OP(RUNQ)}, {"prev_tid", OP(RUNQ)},
};
/* clang-format on */

__u64 field_ops(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(some_have); i++)
		if (!strcmp(some_have[i].name, name))
			return some_have[i].ops ?: flags_ops();
	return ~0ULL;
}

static const struct field *field_find(const struct field *table, int table_len, const char *name,
				      size_t len)
{
	for (int i = 0; i < table_len; i++)
		if (strlen(table[i].name) == len && !memcmp(table[i].name, name, len))
			return &table[i];
	return NULL;
}

void fields_remove(struct fields *fields, const struct field *field)
{
	int kept = 0;

	for (int i = 0; i < fields->len; i++)
		if (fields->field[i] != field)
			fields->field[kept++] = fields->field[i];
	fields->len = kept;
}

/* Behind the others, but before the names at the end of a line, that fill it up. */
static void fields_add(struct fields *fields, const struct field *field)
{
	int at = fields->len++;

	while (field->width && at && !fields->field[at - 1]->width) {
		fields->field[at] = fields->field[at - 1];
		at--;
	}
	fields->field[at] = field;
}

void fields_want(struct fields *fields, const char *name)
{
	const struct field *field = field_find(field_table, field_table_len, name, strlen(name));

	for (int i = 0; i < fields->len; i++)
		if (fields->field[i] == field)
			return;
	fields_add(fields, field);
}

const char *fields_parse(struct fields *fields, const struct fields *def, const char *list)
{
	return fields_parse_of(field_table, field_table_len, fields, def, list);
}

const char *fields_parse_of(const struct field *table, int table_len, struct fields *fields,
			    const struct fields *def, const char *list)
{
	static char wrong[64];
	const char *item = list;

	fields->len = 0;
	if (*list == '+' || *list == '-')
		*fields = *def;
	for (;;) {
		size_t len = strcspn(item, ",");
		char sign = *item == '+' || *item == '-' ? *item : 0;
		const struct field *field =
			field_find(table, table_len, item + !!sign, len - !!sign);

		if (!field) {
			snprintf(wrong, sizeof(wrong), "%.*s", (int)(len - !!sign), item + !!sign);
			return wrong;
		}
		fields_remove(fields, field);
		if (sign == '+')
			fields_add(fields, field);
		else if (!sign)
			fields->field[fields->len++] = field;
		if (!item[len])
			return NULL;
		item += len + 1;
	}
}

struct fields fields_all(void)
{
	struct fields fields = {.len = 0};

	for (int i = 0; i < field_table_len; i++)
		if (!field_table[i].only_named)
			fields.field[fields.len++] = &field_table[i];
	return fields;
}

struct fields fields_table(int columns)
{
	struct fields fields;

	fields_parse(&fields, NULL,
		     columns < COLUMNS_WIDE ? "pid,comm,op,bytes,lat_ns,err,path,path2"
					    : "ts_ns,pid,comm,op,bytes,lat_ns,err,path,path2");
	return fields;
}

int fields_needs(const struct fields *fields)
{
	int needs = 0;

	for (int i = 0; i < fields->len; i++)
		needs |= fields->field[i]->needs;
	return needs;
}
