/* SPDX-License-Identifier: GPL-2.0 */
#include "containers.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

enum { HASH_LEN = 64 };

static size_t hex_run(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* The length of a text that begins in this form: x, a hexadecimal digit; -, one of dashes. 0: none
 * does. */
static size_t form_len(const char *s, const char *form, const char *dashes)
{
	size_t i = 0;

	while (form[i] && (form[i] == 'x' ? isxdigit((unsigned char)s[i])
					  : s[i] && strchr(dashes, s[i]) != NULL))
		i++;
	return form[i] ? 0 : i;
}

/* --- containers --------------------------------------------------------------------------- */

/* What the id of a container may look like; the length of it, 0: it is none. */
static size_t whole_name(const char *s)
{
	return strcspn(s, "/");
}

/* Garden's: the first bytes of a uuid. Health checks run in containers of their own, named after
 * it. */
static size_t short_uuid(const char *s)
{
	size_t len = form_len(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxx", "-");

	return len && !isalnum((unsigned char)s[len]) ? len : 0;
}

/* Fargate's: the number of the task, and one of the container in it. */
static size_t in_task(const char *s)
{
	size_t run = hex_run(s), digits;

	if (run != 32 || s[run] != '-')
		return 0;
	digits = strspn(s + run + 1, "0123456789");
	return digits ? run + 1 + digits : 0;
}

/*
 * Forms other than 64 hexadecimal digits. What stands before the id is a whole part of the path;
 * what stands behind it ends the component, and then the path does not go on like this: there are
 * those who watch.
 */
static const struct form {
	const char *before, *after, *not_then;
	size_t (*len)(const char *s);
} forms[] = {
	/* LXC 4, LXD, Incus, Proxmox; LXC 3.1; before, and cgroup v1 */
	{"/lxc.payload.", "", "", whole_name},
	{"/lxc.payload/", "", "", whole_name},
	{"/lxc/", "", "", whole_name},
	{"/machine.slice/systemd-nspawn@", ".service", "/supervisor", whole_name},
	/* nspawn; virtual machines are registered likewise */
	{"/machine.slice/machine-", ".scope", "/supervisor", whole_name},
	{"/docker/buildkit/", "", "", whole_name},
	{"/garden/", "", "", short_uuid},
	{"/garden/good/", "", "", short_uuid},
	{"/", "", "", in_task},
};

/* Copies a name as systemd escapes it: \x2d for a dash. */
static void unescape(char id[CONTAINER_ID_SIZE], const char *s, size_t len)
{
	const char *end = s + len;
	unsigned int c;
	size_t n = 0;

	while (s < end && n < CONTAINER_ID_SIZE - 1) {
		if (end - s >= 4 && s[0] == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &c) == 1 &&
		    c) {
			id[n++] = c;
			s += 4;
		} else {
			id[n++] = *s++;
		}
	}
	id[n] = '\0';
}

/* A container whose name begins at s, if that has this form. Returns where it ends, NULL: it has
 * not. */
static const char *by_form(const struct form *form, const char *path, const char *s,
			   char id[CONTAINER_ID_SIZE])
{
	size_t before = strlen(form->before), after = strlen(form->after), len;
	const char *end;

	if ((size_t)(s - path) < before || memcmp(s - before, form->before, before))
		return NULL;
	len = form->len(s);
	end = s + len;
	if (after) {
		if (len <= after || memcmp(end - after, form->after, after))
			return NULL;
		len -= after;
	}
	if (!len || (*form->not_then && !strncmp(end, form->not_then, strlen(form->not_then))))
		return NULL;
	unescape(id, s, len);
	/* a virtual machine of libvirt */
	return strncmp(id, "qemu-", 5) || !after ? end : NULL;
}

static bool is_behind(const char *path, const char *s, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(s - path) >= len && !memcmp(s - len, what, len);
}

/* The id of a pod, as its cgroup is called by systemd, or if Podman makes it itself. */
static bool is_podman_pod(const char *path, const char *s)
{
	return is_behind(path, s, "libpod_pod_") || is_behind(path, s, "/libpod_parent/");
}

/*
 * 64 hexadecimal digits, whatever stands around them: of Docker, containerd, CRI-O, Podman. A
 * monitor is in no container, though it has the id of one in the name of its cgroup, and Podman's
 * pods have ids of their own.
 */
static bool is_hash(const char *path, const char *s, size_t run)
{
	return run == HASH_LEN && !is_behind(path, s, "conmon-") && !is_podman_pod(path, s);
}

/*
 * containerd's own clients (ctr) have a namespace and any name: /default/web. That is no form to
 * know a container by, but while one runs, containerd keeps its state by the same two names.
 */
static size_t by_state(const char *path, const char *s)
{
	const char *elsewhere = secure_getenv("VFSCOPE_TEST_CONTAINERD"), *name = path + 1;
	size_t namespace_len = *path == '/' ? strcspn(name, "/") : 0, len = whole_name(s);
	char dir[PATH_MAX];

	if (!namespace_len || s != name + namespace_len + 1 || !len)
		return 0;
	snprintf(dir, sizeof(dir), "%s/%.*s/%.*s",
		 elsewhere ?: "/run/containerd/io.containerd.runtime.v2.task", (int)namespace_len,
		 name, (int)len, s);
	return access(dir, F_OK) ? 0 : len;
}

bool container_next(const char *path, const char **p, char id[CONTAINER_ID_SIZE])
{
	while (**p) {
		const char *s = *p, *end;
		size_t run = hex_run(s), len;

		for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
			end = by_form(&forms[i], path, s, id);
			if (end) {
				*p = end;
				return true;
			}
		}
		len = by_state(path, s);
		if (len) {
			snprintf(id, CONTAINER_ID_SIZE, "%.*s", (int)len, s);
			*p = s + len;
			return true;
		}
		*p += run ? run : 1;
		if (is_hash(path, s, run)) {
			snprintf(id, CONTAINER_ID_SIZE, "%.*s", HASH_LEN, s);
			return true;
		}
	}
	return false;
}

bool container_find(const char *path, char id[CONTAINER_ID_SIZE])
{
	const char *p = path;
	bool found = false;

	/* in a path the innermost container is the last */
	*id = '\0';
	for (char next[CONTAINER_ID_SIZE]; container_next(path, &p, next); found = true)
		memcpy(id, next, sizeof(next));
	return found;
}

/* --- pods --------------------------------------------------------------------------------- */

/* The length of a pod's uid: that of a uuid with - or _ between, 32 digits, 0 if it is none. */
static size_t uid_len(const char *s)
{
	size_t len = form_len(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "-_");

	if (!len)
		len = hex_run(s) == 32 ? 32 : 0;
	return len && !isalnum((unsigned char)s[len]) ? len : 0;
}

/* The length of what identifies a pod, 0 if it is none; other text may stand before it. */
static size_t pod_len(const char *path, const char *s)
{
	if (is_podman_pod(path, s))
		return hex_run(s) == HASH_LEN ? HASH_LEN : 0;
	return is_behind(path, s, "pod") ? uid_len(s) : 0;
}

void pod_find(const char *path, char pod[POD_ID_SIZE])
{
	*pod = '\0';
	/* the innermost is the last */
	for (const char *s = path; *s; s++) {
		size_t len = pod_len(path, s);

		if (len)
			snprintf(pod, POD_ID_SIZE, "%.*s", (int)len, s);
	}
	/* systemd's names of slices have dashes for another purpose */
	for (char *c = pod; (c = strchr(c, '_'));)
		*c = '-';
}
