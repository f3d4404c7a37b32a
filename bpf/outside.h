/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Open files that are known to lie below none of -d, by their address: what is excluded most often
 * is excluded by one look into a table. What is known holds until a name is moved (names_epoch), or
 * the file is gone. Of that a program is told for each, so nothing is put here before it is
 * attached (frees_are_told), nor where it could be skipped: then there is none (cfg.outsides;
 * of_each in src/fns.h).
 */
#ifndef VFSCOPE_OUTSIDE_H
#define VFSCOPE_OUTSIDE_H

/*
 * So many that 10,000 open files seldom meet in one place. Shared by all processors, without a
 * lock: so the file stands in the tag once more, and what two have written at once fits nothing.
 */
enum { OUTSIDES_ORDER = 16 };
struct outside {
	__u64 file, tag;
};
static struct outside outsides[1 << OUTSIDES_ORDER];
__u32 frees_are_told = 0; /* set by the user side */

static __always_inline struct outside *outside_place(struct file *file)
{
	return &outsides[place_hash((__u64)file) >> (32 - OUTSIDES_ORDER)];
}

static __always_inline __u64 outside_tag(struct file *file, __u64 epoch)
{
	return epoch ^ (__u64)place_hash((__u64)file) << 32;
}

static __always_inline bool outside_has(struct file *file)
{
	const struct outside *o = outside_place(file);

	return o->file == (__u64)file && o->tag == outside_tag(file, names_epoch);
}

/* The file was found to lie outside in this epoch, and cannot be freed before this has returned. */
static __always_inline void outside_put(struct file *file, __u64 epoch)
{
	struct outside *o = outside_place(file);

	if (!frees_are_told)
		return;
	o->file = (__u64)file;
	o->tag = outside_tag(file, epoch);
}

SEC("?fentry")
int security_file_free__fentry(__u64 *ctx) /* struct file *file */
{
	struct file *file = (struct file *)ctx[0];
	struct outside *o = outside_place(file);

	if (o->file == (__u64)file)
		o->file = 0;
	return 0;
}

#endif
