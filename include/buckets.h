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

/* No branches: the verifier would follow each of 64 ways from here to the end of the program. */
static inline __attribute__((always_inline)) __u32 vs_log2(__u64 v)
{
	v |= v >> 1;
	v |= v >> 2;
	v |= v >> 4;
	v |= v >> 8;
	v |= v >> 16;
	v |= v >> 32;
	/* all bits below the highest are set now: their number */
	v -= v >> 1 & 0x5555555555555555ULL;
	v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (__u32)(v * 0x0101010101010101ULL >> 56) - 1;
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
