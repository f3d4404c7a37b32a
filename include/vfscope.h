/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel side (bpf/) and the user side (src/) share: the enums, and the
 * records that travel through the ring. Nothing else belongs here.
 *
 * The lists are X-macros so that one row makes the enum value, the user's word and
 * its help text; `vfscope list`, the man page and the completions print these rows.
 */
#ifndef VFSCOPE_H
#define VFSCOPE_H

#include "buckets.h"

/* clang-format off */
/* X(enum, word, group, what it is) */
#define VS_OPS(X)                                                                                  \
	X(READ, "read", DATA, "bytes read from a file, by any door")                               \
	X(WRITE, "write", DATA, "bytes written to a file, by any door")                            \
	X(FSYNC, "fsync", DATA, "fsync, fdatasync, sync_file_range")                               \
	X(READDIR, "readdir", DATA, "directory entries read")                                      \
	X(FAULT, "fault", DATA, "page faults of mapped files")                                     \
	X(SYNC, "sync", DATA, "sync, syncfs: whole file systems written out")                      \
	X(OPEN, "open", NAMES, "files opened, or tried")                                           \
	X(CLOSE, "close", NAMES, "descriptors closed")                                             \
	X(CREATE, "create", NAMES, "a file that came to be, by open or mknod")                     \
	X(UNLINK, "unlink", NAMES, "names removed")                                                \
	X(RENAME, "rename", NAMES, "names moved")                                                  \
	X(MKDIR, "mkdir", NAMES, "directories made")                                               \
	X(RMDIR, "rmdir", NAMES, "directories removed")                                            \
	X(LINK, "link", NAMES, "hard links made")                                                  \
	X(SYMLINK, "symlink", NAMES, "symbolic links made")                                        \
	X(MKNOD, "mknod", NAMES, "device nodes, fifos, sockets, files made by mknod")              \
	X(ACCESS, "access", METADATA, "permissions asked for: access, faccessat")                  \
	X(STAT, "stat", METADATA, "attributes read")                                               \
	X(STATFS, "statfs", METADATA, "file system attributes read")                               \
	X(SETATTR, "setattr", METADATA, "mode, owner or times changed")                            \
	X(TRUNCATE, "truncate", METADATA, "size set")                                              \
	X(FALLOCATE, "fallocate", METADATA, "space reserved, punched or zeroed")                   \
	X(READLINK, "readlink", METADATA, "symbolic links read")                                   \
	X(GETXATTR, "getxattr", METADATA, "extended attributes read")                              \
	X(SETXATTR, "setxattr", METADATA, "extended attributes set")                               \
	X(LISTXATTR, "listxattr", METADATA, "extended attributes listed")                          \
	X(REMOVEXATTR, "removexattr", METADATA, "extended attributes removed")                     \
	X(MOUNT, "mount", MOUNTS, "mount")                                                         \
	X(UMOUNT, "umount", MOUNTS, "umount")                                                      \
	X(FSOPEN, "fsopen", MOUNTS, "fsopen")                                                      \
	X(FSCONFIG, "fsconfig", MOUNTS, "fsconfig")                                                \
	X(FSMOUNT, "fsmount", MOUNTS, "fsmount")                                                   \
	X(MOVE_MOUNT, "move_mount", MOUNTS, "move_mount")                                          \
	X(OPEN_TREE, "open_tree", MOUNTS, "open_tree")                                             \
	X(MOUNT_SETATTR, "mount_setattr", MOUNTS, "mount_setattr")                                 \
	X(FSPICK, "fspick", MOUNTS, "fspick")                                                      \
	X(LOOKUP, "lookup", CACHES, "dentry cache look-ups")                                       \
	X(PAGE, "page", CACHES, "page cache: additions, hits, misses, dirtied pages")              \
	X(EXEC, "exec", AROUND, "programs started")                                                \
	X(BIO, "bio", AROUND, "block requests")                                                    \
	X(RUNQ, "runq", AROUND, "waits for a processor")

/* X(enum, word, operations that are members, what it is) */
#define VS_GROUPS(X)                                                                               \
	X(DATA, "data", "bytes moved, and synchronised")                                           \
	X(NAMES, "names", "names made, opened, moved, removed")                                    \
	X(METADATA, "metadata", "what is known about files")                                       \
	X(MOUNTS, "mounts", "the mount interface, old and new")                                    \
	X(CACHES, "caches", "dentry cache and page cache")                                         \
	X(AROUND, "around", "programs, block requests, waits")

/* X(enum, word, what it is) */
#define VS_VIAS(X)                                                                                 \
	X(NONE, "", "")                                                                            \
	X(RW, "rw", "read, write, pread64, pwrite64")                                              \
	X(VEC, "vec", "readv, writev, preadv, pwritev, preadv2, pwritev2")                         \
	X(AIO, "aio", "libaio: io_submit to io_getevents")                                         \
	X(IO_URING, "io_uring", "io_uring: submission to completion")                              \
	X(SPLICE, "splice", "splice, tee, vmsplice")                                               \
	X(SENDFILE, "sendfile", "sendfile")                                                        \
	X(COPY_FILE_RANGE, "copy_file_range", "copy_file_range")                                   \
	X(MMAP, "mmap", "page faults of mapped files")                                             \
	X(KERNEL, "kernel", "loop devices, NFS server, exec, module load")

/* X(enum, word, what it is) */
#define VS_FTYPES(X)                                                                               \
	X(NONE, "", "")                                                                            \
	X(REG, "reg", "regular file")                                                              \
	X(DIR, "dir", "directory")                                                                 \
	X(LNK, "lnk", "symbolic link")                                                             \
	X(SOCK, "sock", "socket")                                                                  \
	X(FIFO, "fifo", "pipe or fifo")                                                            \
	X(CHR, "chr", "character device")                                                          \
	X(BLK, "blk", "block device")                                                              \
	X(ANON, "anon", "anonymous inode (epoll, eventfd, io_uring ...)")

/* What kind of event it is, where an operation has kinds. X(enum, word, what it is) */
#define VS_KINDS(X)                                                                                \
	X(NONE, "", "")                                                                            \
	X(MINOR, "minor", "a fault: the page was in memory")                                       \
	X(MAJOR, "major", "a fault that had to wait: the page was read in, or locked")                                   \
	X(MINOR_WRITE, "minor-write", "likewise, to write to it")                   \
	X(MAJOR_WRITE, "major-write", "likewise, to write to it")                       \
	X(ADD, "add", "pages added to the page cache")                                             \
	X(REMOVE, "remove", "pages dropped from the page cache")                                   \
	X(DIRTY, "dirty", "pages of the page cache made dirty")                                    \
	X(HIT, "hit", "pages that a read found in the page cache")                                 \
	X(MISS, "miss", "pages that a read did not find there, and that were added for it")        \
	X(REFLINK, "reflink", "blocks shared by FICLONE: no bytes moved")                          \
	X(BIO_READ, "read", "a block request: data read")                                          \
	X(BIO_WRITE, "write", "data written")                                                      \
	X(BIO_FLUSH, "flush", "the device's own cache written out")                                \
	X(BIO_DISCARD, "discard", "blocks given back")                                             \
	X(BIO_ZERO, "zero", "blocks made zero")                                                    \
	X(BIO_OTHER, "other", "another request")                                                   \
	X(FAST, "fast", "a look-up in the dentry cache: found, without a lock")                    \
	X(SLOW, "slow", "found, with references or locks")                                         \
	X(LOOKUP_MISS, "miss", "not in the cache: the file system is asked")                             \
	X(NEGATIVE, "negative", "found, as a name that does not exist")                            \
	X(SLOW_NEGATIVE, "slow-negative", "likewise, with references or locks")

/*
 * The kernel's functions that are hooked, by fentry or by kprobes, for what system calls
 * do not tell: the kernel's own operations, and page faults. How their arguments are found
 * stands in src/hooks.c.
 * X(enum, function, operation)
 */
#define VS_FNS(X)                                                                                  \
	X(KERNEL_READ, kernel_read, READ)                                                          \
	X(__KERNEL_READ, __kernel_read, READ)                                                      \
	X(KERNEL_WRITE, kernel_write, WRITE)                                                       \
	X(__KERNEL_WRITE, __kernel_write, WRITE)                                                   \
	X(__KERNEL_WRITE_ITER, __kernel_write_iter, WRITE)                                         \
	X(VFS_ITER_READ, vfs_iter_read, READ)                                                      \
	X(VFS_ITER_WRITE, vfs_iter_write, WRITE)                                                   \
	X(VFS_IOCB_ITER_READ, vfs_iocb_iter_read, READ)                                            \
	X(VFS_IOCB_ITER_WRITE, vfs_iocb_iter_write, WRITE)                                         \
	X(SPLICE_DIRECT_TO_ACTOR, splice_direct_to_actor, READ)                                    \
	X(VFS_COPY_FILE_RANGE, vfs_copy_file_range, WRITE)                                         \
	X(VFS_CLONE_FILE_RANGE, vfs_clone_file_range, WRITE)                                       \
	X(VFS_FSYNC_RANGE, vfs_fsync_range, FSYNC)                                                 \
	X(ITERATE_DIR, iterate_dir, READDIR)                                                       \
	X(VFS_FALLOCATE, vfs_fallocate, FALLOCATE)                                                 \
	X(VFS_CREATE, vfs_create, CREATE)                                                          \
	X(VFS_MKDIR, vfs_mkdir, MKDIR)                                                             \
	X(VFS_RMDIR, vfs_rmdir, RMDIR)                                                             \
	X(VFS_UNLINK, vfs_unlink, UNLINK)                                                          \
	X(VFS_RENAME, vfs_rename, RENAME)                                                          \
	X(VFS_LINK, vfs_link, LINK)                                                                \
	X(VFS_SYMLINK, vfs_symlink, SYMLINK)                                                       \
	X(VFS_MKNOD, vfs_mknod, MKNOD)                                                             \
	X(NOTIFY_CHANGE, notify_change, SETATTR)                                                   \
	X(VFS_GETATTR, vfs_getattr, STAT)

/* Likewise, that do what programs ask for on one file. X(enum, function, number of its arguments) */
#define VS_CALL_FNS(X)                                                                             \
	X(VFS_READ, vfs_read, 4)                                                                   \
	X(VFS_WRITE, vfs_write, 4)                                                                 \
	X(VFS_READV, vfs_readv, 5)                                                                 \
	X(VFS_WRITEV, vfs_writev, 5)

/* Likewise, that read from the page cache. X(enum, function, operation) */
#define VS_PAGE_FNS(X)                                                                             \
	X(FILEMAP_READ, filemap_read, PAGE)                                                        \
	X(GENERIC_FILE_BUFFERED_READ, generic_file_buffered_read, PAGE)                            \
	X(FILEMAP_SPLICE_READ, filemap_splice_read, PAGE)

/*
 * Likewise, that are handed the names that calls on paths have led to. X(enum, function)
 */
#define VS_REACH_FNS(X)                                                                            \
	X(SECURITY_PATH_UNLINK, security_path_unlink)                                              \
	X(SECURITY_PATH_RMDIR, security_path_rmdir)                                                \
	X(SECURITY_PATH_MKDIR, security_path_mkdir)                                                \
	X(SECURITY_PATH_MKNOD, security_path_mknod)                                                \
	X(SECURITY_PATH_SYMLINK, security_path_symlink)                                            \
	X(SECURITY_PATH_LINK, security_path_link)                                                  \
	X(SECURITY_PATH_RENAME, security_path_rename)

/* Likewise, with bodies of their own. */
#define VS_OTHER_FNS(X)                                                                            \
	X(SECURITY_FILE_FREE, security_file_free, READ)                                            \
	X(FILENAME_LOOKUP, filename_lookup, STAT)                                                  \
	X(HANDLE_MM_FAULT, handle_mm_fault, FAULT)                                                 \
	X(__D_LOOKUP_RCU, __d_lookup_rcu, LOOKUP)                                                  \
	X(__D_LOOKUP, __d_lookup, LOOKUP)                                                          \
	X(D_LOOKUP, d_lookup, LOOKUP)                                                              \
	X(D_ALLOC_PARALLEL, d_alloc_parallel, LOOKUP)                                              \
	X(LO_COMPLETE_RQ, lo_complete_rq, READ)

/*
 * Every way in which something can go missing.
 * X(enum, word, what went missing and what would help)
 */
#define VS_LOSTS(X)                                                                                \
	X(RING, "ring", "operations that found the ring full: a larger --buffer, or a filter")     \
	X(MAP_FULL, "map_full", "operations without a place in a map: a larger --map-entries")     \
	X(MISSED, "missed", "times the kernel skipped a program because it was already running")   \
	X(UNPAIRED, "unpaired", "asynchronous operations whose result was never seen")             \
	X(BATCH, "batch", "asynchronous operations that one call took beyond the 1024 looked at")         \
	X(NESTING, "nesting", "operations inside of more than 4 others, which are not followed")   \
	X(BUSY, "busy", "page faults whose file could not be looked up: the memory map was locked") \
	X(ABI, "abi", "calls of x32 or 32-bit ARM programs, which are not decoded")                \
	X(PATH, "path", "operations shown without a path that they had")                           \
	X(FOLLOW, "follow", "operations on paths that could not be followed any more, or not for sure (-d, --fs)")   \
	X(PATH_CUT, "path_cut", "paths cut, at 4095 bytes")                      \
	X(PROC, "proc", "programs that started, or operations, without their exe or args in full")   \
	X(PEEK, "peek", "contents that --peek could not read")                                       \
	X(SWITCH, "switch", "times a processor went on to another task untold: waits for it are missing")  \
	X(MALFORMED, "malformed", "records that could not be decoded")
/* clang-format on */

#define VS_ENUM_OP(e, ...) VS_OP_##e,
enum vs_op { VS_OP_NONE, VS_OPS(VS_ENUM_OP) VS_OP_MAX };
#define VS_ENUM_GROUP(e, ...) VS_GROUP_##e,
enum vs_group { VS_GROUPS(VS_ENUM_GROUP) VS_GROUP_MAX };
#define VS_ENUM_VIA(e, ...) VS_VIA_##e,
enum vs_via { VS_VIAS(VS_ENUM_VIA) VS_VIA_MAX };
#define VS_ENUM_FTYPE(e, ...) VS_FTYPE_##e,
enum vs_ftype { VS_FTYPES(VS_ENUM_FTYPE) VS_FTYPE_MAX };
#define VS_ENUM_KIND(e, ...) VS_KIND_##e,
enum vs_kind { VS_KINDS(VS_ENUM_KIND) VS_KIND_MAX };
#define VS_ENUM_FN(e, ...) VS_FN_##e,
enum vs_fn {
	VS_FNS(VS_ENUM_FN) VS_CALL_FNS(VS_ENUM_FN) VS_PAGE_FNS(VS_ENUM_FN) VS_REACH_FNS(VS_ENUM_FN)
		VS_OTHER_FNS(VS_ENUM_FN) VS_FN_MAX
};
#define VS_ENUM_LOST(e, ...) VS_LOST_##e,
enum vs_lost { VS_LOSTS(VS_ENUM_LOST) VS_LOST_MAX };

#define VS_BIT(n) (1ULL << (n))

enum {
	VS_COMM_LEN = 16,
	VS_FS_LEN = 16, /* longest name of a file system type that is kept, with its NUL */
	VS_PATH_MAX = 4096,
	VS_COMPONENTS_MAX = 2560, /* steps of a walk; PATH_MAX has room for 2047 components */
	VS_CGROUPS_MAX = 16,	  /* -g options */
	VS_AIO_BATCH = 1024,	  /* iocbs or io_events looked at in one call */
	VS_COMMS_MAX = 8,	  /* -c options with --children */
	VS_GLOB_MAX = 63,	  /* characters that such a glob is matched by */
	VS_PEEK_MAX = 4096,
	VS_LAYERS_MAX = 4,    /* operations within others that are followed; a power of two */
	VS_ARGS_CHUNK = 4096, /* of a command line, in one record */
	VS_ARGS_CHUNKS = 32,
};

/* The first byte of every record in the ring. */
enum vs_rec_type { VS_REC_OP = 1, VS_REC_NAME, VS_REC_PROC };

/* clang-format off */
/* Which members of a vs_rec_op hold something. */
enum vs_has {
	VS_HAS_FD = 1 << 0,
	VS_HAS_OFFSET = 1 << 1,
	VS_HAS_REQ = 1 << 2,
	VS_HAS_BYTES = 1 << 3,
	VS_HAS_INODE = 1 << 4,	   /* dev, ino */
	VS_HAS_FLAGS = 1 << 5,	   /* open flags */
	VS_HAS_MODE = 1 << 6,
	VS_HAS_FILE = 1 << 7,	   /* the kernel knew the file and has applied all file filters */
	/* the first string is what the program passed: path_id is its base, if it is absolute, its root */
	VS_HAS_PATH_ARG = 1 << 8,
	VS_HAS_PATH2_ARG = 1 << 9, /* likewise the second string, and path2_id */
	VS_HAS_TARGET = 1 << 10,      /* the second string stands as it is: target of a symlink */
	VS_HAS_PATH_ID_ARG = 1 << 11, /* path_id is of a path that the program passed */
	VS_HAS_NOFOLLOW = 1 << 12,    /* the call was on what a path passed names, link or not */
	VS_HAS_OTHER_ROOT = 1 << 13,  /* the process has another root than vfscope */
	VS_HAS_BASE_BELOW = 1 << 14,  /* what the path is relative to lies below a directory asked for */
	VS_HAS_ROOT_BELOW = 1 << 17,  /* so does the root of the process, so all of its paths */
	VS_HAS_DATA = 1 << 15,	      /* the second string is what moved: its first bytes */
	VS_HAS_QUEUE = 1 << 16,	      /* mode and flags: nanoseconds before lat_ns, in a queue */
	VS_HAS_LONE_PATH = 1 << 18,   /* path_id is of this record alone: no key for totals */
	VS_HAS_TEXTS = 1 << 19,	      /* of mounts: path2_id is of more texts */
	VS_HAS_LAYER_SHIFT = 20,      /* 3 bits: within so many other operations is it (--layers) */
	VS_HAS_BELOW = 1 << 23,	      /* it has led below a directory asked for: decided */
	VS_HAS_KIND_SHIFT = 24,	      /* 8 bits: an enum vs_kind */
};
/* clang-format on */

#define VS_LAT_UNKNOWN (~0ULL) /* it is not known when it began */

/*
 * One operation, when it completes. Followed by path_len and then path2_len bytes of
 * strings, without NULs. Times are CLOCK_MONOTONIC.
 */
struct vs_rec_op {
	__u8 type; /* VS_REC_OP */
	__u8 op, via, ftype;
	__u32 has;
	__u64 ts_ns, lat_ns;
	__u64 path_id, path2_id; /* of a vs_rec_name; 0: none */
	__u64 cgroup;
	__s64 ret;
	union {
		struct {
			__u64 ino;
			union {
				__s64 offset;
				__u64 root; /* VS_HAS_OTHER_ROOT, -d: id of its path, as vfscope has
					       it */
			};
		};
		char prev_comm[VS_COMM_LEN]; /* of runq: the task before; flags: its thread id */
	};
	__u64 req, bytes;
	__u32 dev; /* as the kernel keeps it: major << 20 | minor */
	__u32 pid, tid, ppid, uid, mnt_ns;
	__s32 fd;
	__u32 flags, mode;
	__u16 path_len, path2_len;
	char comm[VS_COMM_LEN], pcomm[VS_COMM_LEN];
};

enum vs_name_flags {
	VS_NAME_DELETED = 1 << 0,     /* unlinked while open */
	VS_NAME_UNREACHABLE = 1 << 1, /* not below the root of the process */
	VS_NAME_CUT = 1 << 2,
	VS_NAME_PSEUDO = 1 << 3,   /* no directory: a pipe, socket, memfd, anonymous inode */
	VS_NAME_ARG = 1 << 4,	   /* a path as it was passed, relative to the one with id base */
	VS_NAME_VERBATIM = 1 << 5, /* any text, that stands as it is */
	VS_NAME_CGROUP =
		1 << 6,		/* of a cgroup, by what operations hold; dev 1: in a v1 hierarchy */
	VS_NAME_IN_FS = 1 << 7, /* from the root of its file system, not of a mount */
};

/*
 * The path of a file, sent before the first operation that refers to it by id.
 * The components follow, leaf first, each behind a byte that holds its length; with
 * VS_NAME_ARG and VS_NAME_VERBATIM the text itself.
 */
struct vs_rec_name {
	__u8 type; /* VS_REC_NAME */
	__u8 flags;
	__u16 len; /* bytes of components */
	__u32 dev;
	__u64 id;
	union {
		__u64 ino;
		__u64 base; /* VS_NAME_ARG; 0: relative to nothing; of an absolute path the root */
	};
	char fs[VS_FS_LEN];
};

/*
 * Processes, in the order of what happens to them; sent if their programs are asked for.
 * VS_PROC_EXEC is followed by the first len bytes of the arguments, each with its NUL,
 * VS_PROC_ARGS by those from at on.
 */
enum vs_proc_what { VS_PROC_FORK = 1, VS_PROC_EXEC, VS_PROC_ARGS, VS_PROC_EXIT };
struct vs_rec_proc {
	__u8 type; /* VS_REC_PROC */
	__u8 what;
	__u16 len;
	__u32 pid, parent, at;
	__u64 exe_id; /* of a vs_rec_name; 0: none */
	char comm[VS_COMM_LEN];
};

/* clang-format off */
/* What vs_rec_op is made from: how to read one system call. One row a number. */
enum vs_shape {
	VS_SHAPE_NONE,	    /* no file: sync */
	VS_SHAPE_FD,	    /* a descriptor */
	VS_SHAPE_RANGE,	    /* descriptors from fd to fd2: close_range */
	VS_SHAPE_PATH,	    /* a path, below a directory descriptor or the current directory */
	VS_SHAPE_OPEN,	    /* likewise, and the result is a descriptor */
	VS_SHAPE_TWO_PATHS, /* rename, link */
	VS_SHAPE_SYMLINK,   /* a target, taken as it is, and a path */
	VS_SHAPE_COPY,	    /* from one descriptor to another */
	VS_SHAPE_REFLINK,   /* ioctl, if it is FICLONE or FICLONERANGE */
	VS_SHAPE_TEXT,	    /* any text, taken as it is, and a descriptor that is no file's: fsopen, fsconfig */
	VS_SHAPE_EXEC,	    /* a path, to which the process itself leads in the end */
	VS_SHAPE_AIO_SUBMIT,
	VS_SHAPE_AIO_REAP,
};

enum vs_sys_bits {
	VS_SYS_IOVEC = 1 << 0,        /* len is the number of iovecs, behind the argument before it */
	VS_SYS_OFF_POS = 1 << 2,      /* data goes to or comes from the file's position */
	VS_SYS_SPLIT64 = 1 << 3,      /* 32-bit program: the offset takes two arguments */
	VS_SYS_RET_BYTES = 1 << 4,    /* the result is a number of bytes moved */
	VS_SYS_REMOVEDIR = 1 << 5,    /* AT_REMOVEDIR in flags makes it an rmdir */
	VS_SYS_OPEN_HOW = 1 << 6,     /* flags points at a struct open_how */
	VS_SYS_STAT = 1 << 7,         /* out points at a struct stat of the native layout */
	VS_SYS_STATX = 1 << 8,        /* out points at a struct statx */
	VS_SYS_NAME_AT_ENTRY = 1 << 9, /* the file may be gone when the call ends: close */
	VS_SYS_CREATES = 1 << 10,     /* success is a creation too: mknod, creat */
	VS_SYS_MOVES_NAMES = 1 << 11, /* paths may lead elsewhere after it: rename, mount, symlink */
	VS_SYS_VMSPLICE = 1 << 12,    /* a read if the descriptor is for reading only */
	VS_SYS_OFF32 = 1 << 13,       /* the offset behind off has 32 bits */
	VS_SYS_SPLIT_LEN = 1 << 14,   /* 32-bit program: so does len */
	VS_SYS_NOFOLLOW = 1 << 15,    /* the call is on a symbolic link itself: lstat */
	VS_SYS_LEN32 = 1 << 16,       /* len is an unsigned int */
	VS_SYS_XATTR_ARGS = 1 << 17,  /* len points at a struct xattr_args */
	VS_SYS_FLAGS = 1 << 18,       /* flags is shown as it is */
	VS_SYS_FROM_MOUNT = 1 << 19,  /* fd may be a mount that is nowhere yet: move_mount */
};
/* clang-format on */

/* Arguments are counted from 1; 0: the call has none such. */
struct vs_sys {
	__u8 op, via, shape;
	__u8 fd, fd2; /* for a copy: source, destination; for paths: directory descriptors */
	__u8 path, path2;
	__u8 len, off, off2;
	__u8 flags, mode, out;
	__u8 text, text2; /* of mounts: type; data, value or struct mount_attr */
	__u8 op2;	  /* what it may turn out to be instead, or as well */
	__u32 bits;
};

/* The arguments of a hooked function that the kernel side knows how to use. */
enum vs_fn_role {
	VS_ROLE_FILE,  /* struct file */
	VS_ROLE_FILE2, /* of a copy: the destination */
	VS_ROLE_DENTRY,
	VS_ROLE_DENTRY2, /* of a link: the new name */
	VS_ROLE_PATH,	 /* struct path */
	VS_ROLE_PATH2,	 /* of a rename: the directory of the new name */
	VS_ROLE_RENAME,	 /* struct renamedata */
	VS_ROLE_COUNT,	 /* bytes */
	VS_ROLE_ITER,	 /* struct iov_iter */
	VS_ROLE_SPLICE,	 /* struct splice_desc */
	VS_ROLE_POS,	 /* loff_t * */
	VS_ROLE_AT,	 /* loff_t */
	VS_ROLE_AT2,
	VS_ROLE_IOCB, /* struct kiocb */
	VS_ROLE_VMA,
	VS_ROLE_ADDRESS,
	VS_ROLE_FLAGS,
	VS_ROLE_REQUEST, /* struct request */
	VS_ROLE_NAME,	 /* struct qstr */
	VS_ROLE_MAX,
};

/* How to read one function on this kernel: found in its BTF. */
struct vs_fn_row {
	__u64 ops;	       /* that it shows, or tells of */
	__u8 args;	       /* their number */
	__u8 arg[VS_ROLE_MAX]; /* positions, counted from 1; 0: it has none such */
	__u8 used;	       /* those that have a role, as bits */
	__u8 ret_ptr;	       /* it returns a pointer, or an error in its place */
	__u8 ret32;	       /* it returns 32 bits */
	__u8 slot_enter, slot; /* scratches */
};

/* Indexes of the system call table: native numbers, then those of 32-bit x86 programs. */
enum { VS_SYS_NRS = 512, VS_SYS_ABIS = 2 };

/* What has to be known of a call before all else, by its number. */
enum {
	VS_NR_PLAIN = 1 << 0,	/* of a native one: asked for, and read, write, pread or pwrite */
	VS_NR_ANYONES = 1 << 1, /* whoever calls it; else only those of the one process asked for */
	VS_NR_UNASKED = 1 << 2, /* there is nothing to do; last, as it is compared */
};

/* What is done first with such a plain one that begins. */
enum vs_plain_way {
	VS_PLAIN_AS_ALL,
	VS_PLAIN_LATE,	 /* nothing but to note that, if it may be left to the end */
	VS_PLAIN_FRONTS, /* nothing, if its file is known to lie below none of -d */
};

/* Is what the kernel does within a call a part of it, or an operation of its own? */
enum vs_within {
	VS_WITHIN_NO,	 /* its own: reading a program to execute it */
	VS_WITHIN_CALL,	 /* a part of it */
	VS_WITHIN_CLONE, /* a part of it, if the call is ioctl(FICLONE or FICLONERANGE) */
};

/* Key of the set of processes and users that are asked for. */
enum vs_who_kind { VS_WHO_PID = 1, VS_WHO_TID, VS_WHO_UID, VS_WHO_MAX };
struct vs_who {
	__u32 kind, id;
};

/*
 * A glob on names of threads, as a machine that is in several states at once: state n, its
 * first n characters (stars do not count) have matched. Bit n of accepts[c]: from state n on,
 * c leads to the next; of stays: the state is kept whatever comes.
 */
struct vs_glob {
	__u64 accepts[256];
	__u64 stays, goal;
};

/* The hierarchy of cgroup v1 whose paths are sent too; by its controller. */
enum vs_cgroup_v1 { VS_CGROUP_V1_NONE, VS_CGROUP_V1_PIDS, VS_CGROUP_V1_MEMORY, VS_CGROUP_V1_CPU };

/* What is known of a cgroup, in the kernel side's table. */
enum vs_cgroup_state { VS_CGROUP_TOLD = 1, VS_CGROUP_OUT /* not of a --container */ };
/* clang-format off */
/*
 * What a row of totals is the sum over: members of a vs_rec_op that its key may hold, the
 * widest first. X(enum, member)
 */
#define VS_KEYS(X)                                                                                 \
	X(PATH, path_id)                                                                           \
	X(INO, ino)                                                                                \
	X(CGROUP, cgroup)                                                                          \
	X(COMM, comm)                                                                              \
	X(PCOMM, pcomm)                                                                            \
	X(DEV, dev)                                                                                \
	X(PID, pid)                                                                                \
	X(TID, tid)                                                                                \
	X(PPID, ppid)                                                                              \
	X(UID, uid)                                                                                \
	X(MNT_NS, mnt_ns)                                                                          \
	X(OP, op)                                                                                  \
	X(VIA, via)                                                                                \
	X(FTYPE, ftype)
/* clang-format on */
#define VS_ENUM_KEY(e, ...) VS_KEY_##e,
enum vs_key { VS_KEYS(VS_ENUM_KEY) VS_KEY_FS, VS_KEY_ERR, VS_KEY_KIND, VS_KEY_MAX };

/*
 * The key of a row: this, then the members asked for, each behind the other, then the name of
 * the file system type if that is asked for. A row has one writer, the program on the
 * processor, so nothing in it has to be atomic.
 */
struct vs_key_head {
	__u16 cpu;
	__u16 bucket; /* see buckets.h; 0 where no distribution is asked for */
	__s16 err;    /* negative errno; 0 where it is not asked for */
	__u8 prog;
	__u8 kind; /* enum vs_kind; 0 where it is not asked for */
};
#define VS_KEY_SIZE(e, member) +sizeof(((struct vs_rec_op *)0)->member)
enum { VS_KEY_BYTES_MAX = sizeof(struct vs_key_head) VS_KEYS(VS_KEY_SIZE) + VS_FS_LEN + 8 };

/* What a row sums up. */
struct vs_total {
	__u64 count, errors;
	__u64 req, bytes;
	__u64 lat_sum_ns, lat_max_ns;
};

static inline __attribute__((always_inline)) void vs_total_add(struct vs_total *to,
							       const struct vs_total *from)
{
	to->count += from->count;
	to->errors += from->errors;
	to->req += from->req;
	to->bytes += from->bytes;
	to->lat_sum_ns += from->lat_sum_ns;
	if (to->lat_max_ns < from->lat_max_ns)
		to->lat_max_ns = from->lat_max_ns;
}

/*
 * What an operation adds to req. A program may ask for more than a call can move (cp asks
 * copy_file_range for all that there may be): the kernel cuts it to this, and so does the sum,
 * which would overflow.
 */
static inline __attribute__((always_inline)) __u64 vs_cut_req(__u64 req)
{
	const __u64 rw_max = 0x7ffff000; /* MAX_RW_COUNT, include/linux/fs.h */

	return req > rw_max ? rw_max : req;
}

static inline __attribute__((always_inline)) __u64 vs_total_req(const struct vs_rec_op *rec)
{
	return rec->has & VS_HAS_BYTES ? vs_cut_req(rec->req) : rec->req;
}

/* All that found no row: the same, its distribution, what each operation and kind has of it. */
struct vs_op_total {
	__u64 count, bytes;
};
struct vs_other {
	struct vs_total total;
	struct vs_op_total ops[VS_OP_MAX], kinds[VS_KIND_MAX];
	__u64 buckets[VS_BUCKETS];
};

/*
 * A row that stands ready for the next operation like the last one, see bpf/slot.h. Read and
 * emptied by the user side like the rows of the maps.
 */
enum vs_slot_state { VS_SLOT_FREE, VS_SLOT_SUMS, VS_SLOT_UNWANTED };
enum {
	VS_SLOT_SETS = 2, /* on one processor: programs that may interrupt each other */
	VS_SLOT_WORDS = 15,
};
struct vs_slot {
	__u64 id[VS_SLOT_WORDS]; /* what operations have in common that belong into the row */
	__u32 state;		 /* enum vs_slot_state */
	__u16 listed;		 /* the user side knows it, see slots_taken */
	__u16 passed;		 /* so many others wanted it */
	struct vs_total total;
	__u8 key[(VS_KEY_BYTES_MAX + 7) & ~7];
};

enum { VS_NAMES_STEP = 1 << 16 }; /* of names_epoch in bpf/maps.h */

/* Files met lately, of each of these programs on each processor; bpf/front.h. */
enum vs_front_set {
	VS_FRONT_READ,
	VS_FRONT_WRITE,
	VS_FRONT_CALLS, /* at the entry of calls */
	VS_FRONT_DONE,	/* at their exit */
	VS_FRONT_SETS
};

/* What --sample has not shown, by what it was. */
struct vs_unshown {
	struct {
		__u64 count, errors, bytes;
	} ops[VS_OP_MAX];
};

/* Of what a distribution is asked for. */
enum vs_dist { VS_DIST_NONE, VS_DIST_LATENCY, VS_DIST_SIZE };

struct vs_totals_config {
	__u32 keys; /* bits of enum vs_key */
	__u8 on;    /* add up what the kernel side alone can decide on; else all goes to the ring */
	__u8 dist;  /* enum vs_dist */
	__u8 by_path;	 /* the keys or filters tell files of one type from each other */
	__u8 slots_more; /* the keys take more than the process and the file */
	__u8 plain;   /* of functions, and neither times nor filters on processes, directories and
			 results */
	__u8 by_file; /* likewise, and rows by process and file, nothing else */
	__u32 slots;  /* of one set, a power of two; 0: there are none. See slot.h */
	__u16 key_size;
	__u16 progs; /* that may run at the same time on one processor */
};

/* Where overlayfs keeps things, in bytes; see src/overlay.c. */
struct vs_overlay {
	__u16 upper; /* from an inode: the dentry in the upper layer; 0: it is not known */
	__u16 entry; /* from an inode: the ovl_entry; 0: it is the dentry's d_fsdata */
	__u16 count; /* in that: how many lower layers have it, */
	__u16 lower; /* its dentry in the first of them */
};

/* What the kernel side is told before it is loaded; the verifier folds it away. */
struct vs_config {
	__u64 op_mask, via_mask;
	__u64 min_lat_ns, min_bytes;
	__u32 ftype_mask;
	__u32 kind_mask; /* bits of enum vs_kind; 0: any */
	__u32 n_cgroups;
	__u32 names_turn; /* see names_tell in bpf/maps.h */
	__u32 fronts;	  /* files can be known as in front.h: so many; a power of two, or 0 */
	__u8 fronts_tell; /* -d can be decided by those */
	__u64 cgroup_ids[VS_CGROUPS_MAX]; /* what the kernel calls them */
	__u8 show_self;			  /* vfscope's own operations too */
	struct {
		__u32 id, is_one;
	} only[VS_WHO_MAX];	     /* where the set of vs_who has but one of a kind */
	__u8 anyone;		     /* no other filter on processes */
	__u8 one_pid;		     /* one -p, and no other */
	__u8 any_result;	     /* no filter on what came of it */
	__u8 by_pid, by_tid, by_uid; /* the set of vs_who has such members */
	__u8 by_dir, by_fs;
	__u8 show_pseudo; /* pseudo file systems too */
	__u8 failed_only;
	__u8 follow_fork;  /* only the program that vfscope starts, and its descendants */
	__u8 children;	   /* also what those named by -p, -t, -u and -c start */
	__u8 n_comms;	   /* -c, decided in the kernel; with children only */
	__u8 by_container; /* by what the user side has said of its cgroup */
	__u8 cgroup_v1;	   /* enum vs_cgroup_v1 */
	__u8 want_procs;
	__u8 host_path;
	__u8 no_peek;	   /* there are files whose contents are not to be taken */
	__u16 peek;	   /* bytes of content, 0: none */
	__u8 direct_reads; /* the kernel has bpf_rdonly_cast */
	__u8 iterators;	   /* the kernel has bpf_iter_num_new */
	__u8 near;	   /* the kernel has atomic operations for programs: near_frames are used */
	__u8 task_storage; /* the kernel has it; else the hash of threads is used */
	__u8 page_shift;   /* 12, on arm64 also 14 and 16 */
	__u8 want_parent, want_cgroup, want_path;
	__u8 want_time;
	__u8 queued;	  /* the time of a block request in the queue counts too */
	__u8 layers;	  /* also what operations do below themselves, so deep */
	__u8 sampling;	  /* not every operation may be shown: sample_every says */
	__u8 outsides;	  /* of files that are gone a program is told: bpf/outside.h */
	__u8 want_base;	  /* the directories that paths as passed are relative to */
	__u8 late;	  /* files may be looked at when calls end: sys_enter_late */
	__u8 quick;	  /* records of reads and writes need nothing unusual: quick.h */
	__u64 direct_end; /* the function that ends requests of direct I/O, 0: it is not known */
	struct vs_overlay overlay;
	struct vs_totals_config totals;
};

/* Verdicts on a file system type, key: its name. */
enum {
	VS_FS_PSEUDO = 1 << 0,
	VS_FS_SELECTED = 1 << 1, /* by --fs */
	VS_FS_ANON = 1 << 2,	 /* its files are anonymous inodes */
};

#endif
