/* SPDX-License-Identifier: GPL-2.0 */
/*
 * containers: which container and pod a cgroup belongs to, by its path, which the runtimes
 * give its form; of containerd's own clients, by whether containerd knows one of that name.
 */
#ifndef CONTAINERS_H
#define CONTAINERS_H

#include <stdbool.h>

enum {
	CONTAINER_ID_SIZE = 256, /* a component of a path, with its NUL */
	POD_ID_SIZE = 65,
};

/*
 * The next container in a path from *p on, outermost first; *p is then behind it. id: 64
 * hexadecimal digits, or what the runtime calls it. False: there are no more.
 */
bool container_next(const char *path, const char **p, char id[CONTAINER_ID_SIZE]);

/* The innermost; false: there is none. */
bool container_find(const char *path, char id[CONTAINER_ID_SIZE]);

/* The pod: the uid, with dashes, of Kubernetes, the id of Podman; "" if there is none. */
void pod_find(const char *path, char pod[POD_ID_SIZE]);

#endif
