# SPDX-License-Identifier: GPL-2.0
"""The command line: options, filters, formats, exit statuses. The cases stand in cli_*.py."""
import cli_around
import cli_below
import cli_count
import cli_ends
import cli_fds
import cli_filters
import cli_fs
import cli_gone
import cli_layers
import cli_mounts
import cli_names
import cli_output
import cli_peek
import cli_presets
import cli_sample
import cli_who
import cli_where
import cli_totals
import cli_words


def cases():
    return cli_fds.CASES + cli_peek.CASES + cli_who.CASES + cli_words.CASES + cli_filters.CASES + \
        cli_output.CASES + cli_ends.CASES + cli_where.CASES + cli_below.CASES + cli_names.CASES + \
        cli_gone.CASES + cli_fs.CASES + cli_layers.CASES + cli_totals.CASES + cli_around.CASES + cli_mounts.CASES + \
        cli_count.CASES + cli_sample.CASES + cli_presets.CASES
