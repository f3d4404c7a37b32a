/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms drawn for people. */
#ifndef HIST_H
#define HIST_H

#include "agg.h"
#include "out.h"

/* The bars of a row, below a line with its keys. */
void hist_draw(struct out *out, const struct agg_row *row, int keys);

/* A line of a heat map: an interval, all its rows together; the header says what stands where. */
void hist_heat_header(struct out *out, const struct agg_row *row);
void hist_heat(struct out *out, const struct agg_row *row);

#endif
