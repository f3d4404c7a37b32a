/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of the kernel side: configuration, counters, maps. Each map says what its key
 * is, who deletes, its bound, and what happens when it is full.
 */
#ifndef VFSCOPE_MAPS_H
#define VFSCOPE_MAPS_H

/* Calls by number: [0] the native ones, [1] those of 32-bit x86 programs. */
const volatile struct vs_sys sys_table[VS_SYS_ABIS * VS_SYS_NRS] = {};

/* Likewise, an enum vs_within for each. */
const volatile __u8 sys_within[VS_SYS_ABIS * VS_SYS_NRS] = {};

/* By number: VS_NR_* bits. */
const volatile __u8 sys_nrs[VS_SYS_NRS] = {};

/* enum vs_plain_way. Not in cfg, whose address would be kept in a register: see sys_enter. */
const volatile __u8 sys_plain_way = 0;

/* -c, where the kernel side decides it. */
const volatile struct vs_glob comm_globs[VS_COMMS_MAX] = {};

/* Functions that are hooked, as they are on this kernel. */
const volatile struct vs_fn_row fn_table[VS_FN_MAX] = {};

/* Losses by cause; read by the user side through the mapped .bss. */
__u64 lost_cnt[VS_LOST_MAX] = {};

/*
 * Part of every cached name's identity, in steps of VS_NAMES_STEP. Raised whenever a name known so
 * far may have become untrue (a rename, a mount), or the user side has forgotten one. By less,
 * which concerns front.h alone: see names_tell.
 */
__u64 names_epoch = 0;
__u64 names_moved_ns = 0; /* when one was moved last; CLOCK_MONOTONIC */
__u32 names_told = 0;	  /* so many were sent */

static __always_inline void names_raise(void)
{
	__u64 now = bpf_ktime_get_ns();

	if (now > names_moved_ns)
		names_moved_ns = now; /* first: who sees the epoch knows when */
	__sync_fetch_and_add(&names_epoch, VS_NAMES_STEP);
}

/*
 * The user side forgets the names that it has not met for longest. What a processor has met last
 * may stay in its part of the cache of files for ever, and in front of it. So what the cache has
 * not met since twice cfg.names_turn names were sent is looked at anew, and what stands in front of
 * it begins anew with each turn. The user side has more than three (names_to_keep, src/run.c). Not
 * atomic: one more or less is no matter.
 */
static __always_inline void names_tell(void)
{
	if (++names_told % cfg.names_turn == 0)
		__sync_fetch_and_add(&names_epoch, 1);
}

static __always_inline bool names_are_old(__u32 told)
{
	return names_told - told > 2 * cfg.names_turn;
}

static __always_inline __u64 mix(__u64 hash, __u64 value)
{
	/* the finaliser of SplitMix64: each bit of the input reaches each of the output */
	hash = (hash ^ value) * 0xbf58476d1ce4e5b9ULL;
	return hash ^ (hash >> 29);
}

/*
 * 0, in a way that clang does not see: it would leave out the result of a static function that is
 * always the same, and 5.10 refuses a function at whose end the register of the result happens to
 * hold an address on the stack.
 */
static __always_inline int ret_zero(void)
{
	int zero = 0;

	asm volatile("" : "+r"(zero));
	return zero;
}

static __always_inline void lost(enum vs_lost why)
{
	__sync_fetch_and_add(&lost_cnt[why], 1);
}

/* Set by identify__raw_tp: vfscope itself, and what the kernel calls one of its descriptors. */
__u32 self_tgid = 0;
__u32 hidden_tgid = 0;	 /* the same; ~0: its own operations are shown too */
__u64 self_root[2] = {}; /* dentry, mount */
__u64 identified = 0;	 /* struct inode */

/* Records for the user side. Bound: --buffer. Full: the record is counted as lost. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Key: vs_who asked for by -p, -t, -u. Filled before attaching, never deleted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct vs_who);
	__type(value, __u8);
} who_set SEC(".maps");

/*
 * Key: the struct inode of a directory asked for by -d, which vfscope holds open: numbers
 * are not unique (btrfs: each subvolume has its own), and are given away again. Filled
 * before attaching, never deleted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u8);
} dir_set SEC(".maps");

/* Key: name of a file system type; value: VS_FS_* bits. Filled before attaching. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, char[VS_FS_LEN]);
	__type(value, __u8);
} fs_set SEC(".maps");

/* cgroups asked for by -g. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, VS_CGROUPS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} cgroup_set SEC(".maps");

/*
 * Key: id of a cgroup, as operations hold it; value: enum vs_cgroup_state. Added when a cgroup
 * is first met, and its path sent; the user side says which are out. Full: the least used are
 * forgotten, to be told, and judged, anew.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u8);
} cgroups_met SEC(".maps");

/* In front of it: the last that was met, by processor; 0: none yet. */
enum { CGROUPS_TOLD = 256 };
__u64 cgroups_told[CGROUPS_TOLD] = {};

/*
 * Key: id of a path whose contents are not to be taken. Added by the user side when it learns the
 * path. Full: the least used are forgotten, and their contents dropped there.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u8);
} no_peek_set SEC(".maps");

/*
 * Key: id of a thread of the started program or, with --children, of those that were named, and
 * of their descendants. Added at fork, deleted at exit. Full: the thread is not followed, and
 * counted as lost.
 */
enum { FOLLOW_AT_EXEC = 1, FOLLOW = 2 };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps");

/* What is known of the file of an operation, from its dentry and mount. */
struct file_ref {
	__u64 file; /* struct file, 0 for a current directory */
	__u64 dentry, mnt;
	__u64 id; /* of its path, 0: not sent yet */
	__u64 ino;
	__u64 fs_type; /* struct file_system_type */
	__u32 dev;
	__u8 ftype;
	__u8 wanted; /* passes every filter on files */
	__u8 below;  /* -d: lies below one of the directories */
	__u8 pad;
};

/*
 * Files seen lately. Key: where the file stands, seen from which root. The value holds
 * only while its fingerprint is the one that the file has now (see file.h).
 * Full: the least used are forgotten, to be looked at and sent anew.
 */
struct file_key {
	__u64 dentry, mnt, root, root_mnt;
};
struct file_val {
	__u64 fingerprint, id, fs_type;
	__u32 dev;
	__u8 ftype, wanted, below;
	__u8 pad;
	__u32 told, pad2; /* names_told when it was met last */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct file_key);
	__type(value, struct file_val);
} files SEC(".maps");

/*
 * Something of each thread's own. It lies in the thread's storage, and is freed with it;
 * where the kernel has none (before 5.11) or refuses it (7.2 always does on a processor
 * without CMPXCHG16B), in a hash by thread id, which NAME_drop deletes from. Full: counted.
 * The type begins with the task that it belongs to, in the hash; else 0.
 */
#define THREAD_STATE(name, T)                                                                      \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE);                                           \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, int);                                                                  \
		__type(value, T);                                                                  \
	} name##s SEC(".maps");                                                                    \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, 16384);                                                        \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, __u32);                                                                \
		__type(value, T);                                                                  \
	} name##s_by_tid SEC(".maps");                                                             \
	/* set once the hash has been used: only then is it looked into */                         \
	__u32 name##s_in_hash = 0;                                                                 \
	static const T name##_zero = {};                                                           \
                                                                                                   \
	static __always_inline T *name##_in_storage(__u64 flags)                                   \
	{                                                                                          \
		if (!cfg.task_storage)                                                             \
			return NULL;                                                               \
		return bpf_task_storage_get(&name##s, bpf_get_current_task_btf(), 0, flags);       \
	}                                                                                          \
	static __always_inline T *name##_in_hash(void)                                             \
	{                                                                                          \
		__u32 tid = bpf_get_current_pid_tgid();                                            \
		T *state = bpf_map_lookup_elem(&name##s_by_tid, &tid);                             \
                                                                                                   \
		/* left behind by a thread that was killed, whose id was given to another */       \
		return state && state->task == bpf_get_current_task() ? state : NULL;              \
	}                                                                                          \
	/* What the thread has; NULL: nothing yet. */                                              \
	static __always_inline T *name##_find(void)                                                \
	{                                                                                          \
		T *state = name##_in_storage(0);                                                   \
                                                                                                   \
		return state || !name##s_in_hash ? state : name##_in_hash();                       \
	}                                                                                          \
	/* The same, made if need be; NULL: there is no room, which is counted. */                 \
	static __always_inline T *name##_make(void)                                                \
	{                                                                                          \
		T *state = name##_in_storage(BPF_LOCAL_STORAGE_GET_F_CREATE);                      \
		__u32 tid = bpf_get_current_pid_tgid();                                            \
                                                                                                   \
		if (state)                                                                         \
			return state;                                                              \
		name##s_in_hash = 1;                                                               \
		state = name##_in_hash();                                                          \
		if (state)                                                                         \
			return state;                                                              \
		if (bpf_map_update_elem(&name##s_by_tid, &tid, &name##_zero, BPF_ANY))             \
			lost(VS_LOST_MAP_FULL);                                                    \
		state = bpf_map_lookup_elem(&name##s_by_tid, &tid);                                \
		if (state)                                                                         \
			state->task = bpf_get_current_task();                                      \
		return state;                                                                      \
	}                                                                                          \
	/* Nothing is under way any more. */                                                       \
	static __always_inline void name##_drop(T *state)                                          \
	{                                                                                          \
		__u32 tid = bpf_get_current_pid_tgid();                                            \
                                                                                                   \
		if (state->task)                                                                   \
			bpf_map_delete_elem(&name##s_by_tid, &tid);                                \
	}

/*
 * Totals, see agg.h. Key: vs_key_head and what follows it; key_size and max_entries are set
 * before loading (--map-entries). The user side empties the map that is not in use. Full: the
 * operation is added to totals_other.
 */
struct totals_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, VS_KEY_BYTES_MAX);
	__uint(value_size, sizeof(struct vs_total));
};
struct totals_map totals_even SEC(".maps"), totals_odd SEC(".maps");

/* What found no place. Index: the parity of the epoch * cfg.totals.progs + program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, struct vs_other);
} totals_other SEC(".maps");

/* Key: see slot_index in slot.h. Read and emptied by the user side in its own memory; nothing is
 * ever full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, struct vs_slot);
} slots SEC(".maps");

/* Those of them that are taken. Of each set how many, then which, in room for all of it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, __u64);
} slots_taken SEC(".maps");

/*
 * What stands before the cache of files, see front.h. Index: see front_find. A place belongs to
 * one program on one processor, so it needs no lock; a file that finds another there takes it.
 */
struct front_id { /* which file it is of, see front_is */
	__u64 dentry, mnt, root, root_mnt, ino, dir_ino, epoch;
	__u32 generation, dir_generation;
	__u32 name, dir_name; /* hashes of them */
	__u32 hashed, on_overlay;
};
struct front {
	struct front_id is;
	__u64 id; /* of its path */
	__u64 fs_type;
	__u32 dev;
	__u8 ftype, wanted, below, pad;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, struct front);
} fronts SEC(".maps");

/* Operations that --sample has not shown. Index: the program; one writer, so nothing is atomic. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, struct vs_unshown);
} unshown SEC(".maps");

/* One of so many operations is shown; set by the user side, at any time. */
__u32 sample_every = 1;

/* Its parity says which of the two is in use; raised by the user side. */
__u32 totals_epoch = 0;

/*
 * Who has last made pages of a file dirty. Key: its struct inode. Full: the least used are
 * forgotten, and what is written of them is shown as the flusher's.
 */
struct dirtier {
	__u64 ino, cgroup;
	__u32 pid, tid, ppid, uid, mnt_ns, pad;
	char comm[VS_COMM_LEN], pcomm[VS_COMM_LEN];
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct dirtier);
} dirtiers SEC(".maps");

/*
 * Tasks that wait for a processor. Key: the thread; value: since when. Deleted when it gets one.
 * Preallocated, for a program in the scheduler cannot wait for memory. Full: counted as lost.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384); /* set before loading */
	__type(key, __u32);
	__type(value, __u64);
} waiting SEC(".maps");

/*
 * A read from the page cache that has come back before the pages that it missed were there
 * (io_uring, RWF_NOWAIT). Key: the same read when it is tried again, from where it has got to;
 * value: how many pages. Deleted then. Full: the least used are forgotten, and will be hits.
 */
struct page_retry {
	__u64 owner, mapping, pos;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct page_retry);
	__type(value, __u64);
} page_retries SEC(".maps");

/* The task that each processor was last seen to go on with; 0: none yet. Never deleted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} running SEC(".maps");

/* Where a call on a path has led, as far as -d asks; see reach.h. */
enum { REACHED_UNTOLD, REACHED_ELSEWHERE, REACHED_BELOW };

/* A system call under way. row is its index in sys_table + 1; 0: none. */
struct frame {
	__u64 task;
	__u64 ts_ns;
	__u64 kept_id; /* of a path that was sent at the entry; 0: none was */
	__u32 kept_has;
	__u32 row;
	__u32 wanted; /* else it only raises names_epoch */
	__u32 iocbs;  /* of io_submit: how many were looked at */
	__u32 reached;
	__u32 nr;	/* of ROW_LATE: its number */
	__u64 reaching; /* struct path that is being filled */
	struct file_ref ref[2];
};
THREAD_STATE(frame, struct frame)
/* Rows of no call: see call_enter, sys_enter_late. */
enum { ROW_FUNCTION = VS_SYS_ABIS * VS_SYS_NRS + 1, ROW_LATE };

/*
 * The place of a task, by the low half of an address of its own: that much of a pointer may be made
 * a number of. (Fibonacci hashing: Knuth, The Art of Computer Programming, 6.4.)
 */
enum { PLACES_ORDER = 12, PLACES = 1 << PLACES_ORDER };
static __always_inline __u32 place_hash(__u64 address)
{
	__u32 low;

	/* by this very move: clang may multiply or shift the whole, which is refused of a pointer
	 */
	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)address));
	return low * 0x9e3779b1U;
}

static __always_inline __u32 place_of(__u64 address)
{
	return place_hash(address) >> (32 - PLACES_ORDER);
}

/*
 * System calls under way, by the place of the task: cheaper than its storage. Whose it is say the
 * registers that it came with, which stand on its own stack: unlike the task, programs are called
 * with them. Taken by an atomic operation, given back at the end; whose place is taken by another,
 * and be it one that has ended in the midst of a call, uses its storage. Neither deleted from nor
 * ever full.
 */
static struct frame near_frames[PLACES]; /* static: the user side does not know the type */
static __u64 near_owners[PLACES];

/* Set once a place was taken by another: only then is a frame looked for elsewhere. */
__u32 frames_are_far = 0;

/* Makes a place the task's, if it is not another's. regs: the task's own, not a copy. */
static __always_inline bool place_take(__u32 place, struct pt_regs *regs)
{
	__u64 *owner = &near_owners[place];

	return *owner == (__u64)regs || !__sync_val_compare_and_swap(owner, 0, (__u64)regs);
}

static __always_inline bool place_is_of(__u32 place, struct pt_regs *regs)
{
	return near_owners[place] == (__u64)regs;
}

/* The frame in the task's place; NULL: it is taken by another. */
static __always_inline struct frame *frame_take_near(struct pt_regs *regs)
{
	__u32 place = place_of((__u64)regs);

	return cfg.near && place_take(place, regs) ? &near_frames[place] : NULL;
}

/* That, or else one in the task's storage. */
static __always_inline struct frame *frame_or_far(struct frame *near)
{
	if (near)
		return near;
	frames_are_far = 1;
	return frame_make();
}

/* The registers of the task, which it came into the kernel with; NULL: there are no places. */
static __always_inline struct pt_regs *frame_regs(void)
{
	return cfg.near ? (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf()) : NULL;
}

/* The frame of the call that the task is in; NULL: it has none. */
static __always_inline struct frame *frame_now(void)
{
	struct pt_regs *regs = frame_regs();
	__u32 place = place_of((__u64)regs);

	if (regs && place_is_of(place, regs))
		return &near_frames[place];
	return frames_are_far ? frame_find() : NULL;
}

static __always_inline void frame_give_back(struct frame *frame, struct pt_regs *regs)
{
	__u32 place = place_of((__u64)regs);

	frame->row = 0;
	if (place_is_of(place, regs))
		near_owners[place] = 0;
	else
		frame_drop(frame);
}

/* Reads and writes by functions under way, likewise. */
struct {
	__u64 task, ns;
} begun[PLACES] = {};

/* Functions under way, of those that are hooked: the outermost first. */
enum { FN_DEPTH = VS_LAYERS_MAX };
struct fn_frame {
	__u64 ts_ns;
	__u64 stack; /* where on the stack it was called: what it calls lies below */
	__u64 file[2], dentry[2], mnt; /* what it is about: files, or dentries, and their mount */
	__s64 offset[2];
	__u64 req;
	__u32 has;
	__u32 fn;
	__u32 layer; /* within so many other operations is it */
	__u32 named; /* ref is filled: what it is about is gone, or elsewhere, when it ends */
	struct file_ref ref[2];
};
struct fn_stack {
	__u64 task;
	__u64 depth;
	struct fn_frame frame[FN_DEPTH];
};
THREAD_STATE(fn_stack, struct fn_stack)

/* Where the data of an operation lies in the memory of its program. at 0: not known. */
struct user_data {
	__u64 at, len;
	__u64 iovecs; /* at is that of so many iovecs; 0: of the data itself */
};

/*
 * Asynchronous operations under way. Key: the io_uring request (on 5.10 its ring
 * and user_data), or the process and its iocb. Deleted at completion. Full, or never completed:
 * lost.
 */
struct pending_key {
	__u64 owner; /* of an iocb: the process */
	__u64 ring;
	__u64 request;
};
struct pending {
	__u64 request; /* struct io_kiocb */
	struct vs_rec_op rec;
	struct file_ref ref[2];
	struct user_data data;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct pending_key);
	__type(value, struct pending);
} pendings SEC(".maps");

/*
 * Where records are put together: one for each processor and program, because one
 * program may interrupt another on a processor, but never itself (the kernel skips it,
 * and counts that).
 */
enum prog {
	PROG_ENTER,
	PROG_EXIT,
	PROG_URING_SUBMIT,
	PROG_URING_COMPLETE,
	PROG_FAULT,
	PROG_PAGE,
	PROG_EXEC,
	PROG_RUNQ,
	PROG_BIO_DIRTY,
	PROG_BIO_ISSUE,
	PROG_BIO,
	PROG_MAX, /* from here on: those of fn_table */
};
struct walk {
	struct dentry *dentry, *root_dentry;
	struct mount *mnt, *root_mnt;
	struct dentry *beyond; /* above the root of mnt, in the tree of which that is a part */
};
/* include/uapi/linux/aio_abi.h; the same for 32-bit programs */
struct aio_iocb {
	__u64 data;
	__u32 key, rw_flags;
	__u16 opcode, prio;
	__u32 fd;
	__u64 buf, nbytes;
	__s64 offset;
	__u64 reserved;
	__u32 flags, resfd;
};
struct aio_event {
	__u64 data, obj;
	__s64 res, res2;
};

enum which { FIRST, SECOND, DIR };
struct scratch {
	struct file_ref ref[4]; /* the files of the operation, FIRST and SECOND; DIR: see name_id */
	struct file_key key;	/* by file_look: under which it was looked for ... */
	__u64 fingerprint;	/* ... and what it has to have */
	struct walk walk;
	__u32 to_our_root, pad3; /* where it ends; see name_of_root */
	struct { /* with --host-path: of the file that was looked at last, see overlay.h */
		__u64 dentry, dir, entry;
		__u32 count, pad;
	} layer;
	struct kernfs_node *cgroup; /* where the walk to the root of the cgroups stands */
	/* too large for the stack, of which all functions together have 512 bytes */
	struct file_val val;
	__u64 dir; /* key of dir_set */
	char fs[VS_FS_LEN];
	union {
		struct aio_iocb iocb;
		struct aio_event event;
	} aio;
	__u64 arg[8];
	__u8 regs[256]; /* a struct pt_regs of the kernel, see sys_regs */
	struct pending pending;
	struct dirtier dirtier;
	__u32 prog;   /* its own index */
	__u32 call;   /* its index in sys_table */
	__u32 compat; /* it is one of a 32-bit program */
	__u32 iocbs;  /* looked at by aio_submitting */
	__u32 kept_has;
	__u64 kept_id; /* see struct frame */
	struct user_data data;
	__u32 peek_max;
	__u32 names_fixed;	  /* the file may be freed: no name can be had of it any more */
	__u32 pos_stays;	  /* the position of the file has not moved yet */
	__u64 other;		  /* struct task_struct of which rec is, 0: the current one */
	__u64 fs_type;		  /* of the file that rec is about; 0: none is known */
	struct vs_total no_total; /* always 0 */
	__u8 total_key[(VS_KEY_BYTES_MAX + 7) & ~7];
	__u64 slot_more[3], pad2; /* see struct slot_id */
	__u32 slot;		  /* index of the slot that the operation may have, + 1; 0: none */
	__u32 front_at;		  /* likewise of the place that its file may have in fronts, as: */
	struct front front;
	struct vs_rec_op rec;
	char strings[2 * VS_PATH_MAX];
	union { /* goes out together with: */
		struct vs_rec_name name;
		struct vs_rec_proc proc;
	};
	__u8 components[VS_PATH_MAX + 2 * 256];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PROG_MAX);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

_Static_assert(sizeof(struct vs_rec_name) == sizeof(struct vs_rec_proc), "both end at components");

static __always_inline struct scratch *scratch_of(__u32 prog)
{
	struct scratch *s = bpf_map_lookup_elem(&scratches, &prog);

	if (s)
		s->prog = prog;
	return s;
}

static __always_inline struct file_ref *ref_of(struct scratch *s, __u32 which)
{
	return &s->ref[which & 3];
}

#endif
