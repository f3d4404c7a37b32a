/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear buckets, the same on both sides: values below 16 stand alone, above each power
 * of two is cut in 16. A bucket is at most 1/16 of its lowest value wide, so whatever in it
 * stands for all of it is within 6.25% of each; all 64-bit values have one.
 */
#ifndef VFSCOPE_BUCKETS_H
#define VFSCOPE_BUCKETS_H

enum {
	VS_BUCKETS_SUB_BITS = 4,
	VS_BUCKETS = (64 - VS_BUCKETS_SUB_BITS + 1) << VS_BUCKETS_SUB_BITS
};

/* The place of the highest bit, by the six that are left of it: a de Bruijn sequence. */
/* clang-format off */
static const __u8 vs_log2_table[64] = {
	0, 47, 1, 56, 48, 27, 2, 60, 57, 49, 41, 37, 28, 16, 3, 61,
	54, 58, 35, 52, 50, 42, 21, 44, 38, 32, 29, 23, 17, 11, 4, 62,
	46, 55, 26, 59, 40, 36, 15, 53, 34, 51, 20, 43, 31, 22, 10, 45,
	25, 39, 14, 33, 19, 30, 9, 24, 13, 18, 8, 12, 7, 6, 5, 63,
};
/* clang-format on */

/* No branches: the verifier would follow each of 64 ways from here to the end of the program. */
static inline __attribute__((always_inline)) __u32 vs_log2(__u64 v)
{
	v |= v >> 1;
	v |= v >> 2;
	v |= v >> 4;
	v |= v >> 8;
	v |= v >> 16;
	v |= v >> 32;
	return vs_log2_table[v * 0x03f79d71b4cb0a89ULL >> 58];
}

static inline __attribute__((always_inline)) __u32 vs_bucket(__u64 v)
{
	__u32 shift;

	if (v < 1 << VS_BUCKETS_SUB_BITS)
		return v;
	shift = vs_log2(v) - VS_BUCKETS_SUB_BITS;
	return (shift << VS_BUCKETS_SUB_BITS) + (__u32)(v >> (shift & 63));
}

/* The lowest value of a bucket; of the one behind the last: 0, as 2^64 is. */
static inline __u64 vs_bucket_low(__u32 bucket)
{
	__u32 shift = bucket >> VS_BUCKETS_SUB_BITS;
	__u64 sub = bucket & ((1 << VS_BUCKETS_SUB_BITS) - 1);

	if (!shift)
		return sub;
	if (bucket >= VS_BUCKETS)
		return 0;
	return (sub | 1 << VS_BUCKETS_SUB_BITS) << (shift - 1);
}

#endif
