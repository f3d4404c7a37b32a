// SPDX-License-Identifier: GPL-2.0
/* containers.c: the paths of cgroups as each runtime makes them. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "containers.h"
#include "util.h"

#define HEX "0123456789abcdef"
#define HEX64 HEX HEX HEX HEX
#define OTHER64 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "12345678-1234-abcd-1234-123456789abc"
#define UID_ "12345678_1234_abcd_1234_123456789abc"
#define UID2 "0a1b2c3d-0000-1111-2222-333344445555"
#define SLICE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"
#define HASH32 "0123456789abcdef0123456789abcdef"
#define USER "/user.slice/user-1000.slice/user@1000.service"

/* NULL: none. */
struct row {
	const char *path, *container, *pod;
};

static void check(const struct row *rows, size_t len)
{
	char id[CONTAINER_ID_SIZE], pod[POD_ID_SIZE];

	for (size_t i = 0; i < len; i++) {
		bool found = container_find(rows[i].path, id);

		if (found != !!rows[i].container ||
		    strcmp(id, rows[i].container ? rows[i].container : ""))
			fail_msg("%s: container '%s'", rows[i].path, found ? id : "(none)");
		pod_find(rows[i].path, pod);
		if (strcmp(pod, rows[i].pod ? rows[i].pod : ""))
			fail_msg("%s: pod '%s'", rows[i].path, pod);
	}
}

/* 64 digits: of Docker, containerd, CRI-O and Podman, with either driver. */
static void hashes(void **state)
{
	static const struct row rows[] = {
		/* Docker, in itself too */
		{"/docker/" HEX64, HEX64, NULL},
		{"/system.slice/docker-" HEX64 ".scope", HEX64, NULL},
		{USER "/user.slice/docker-" HEX64 ".scope", HEX64, NULL},
		{"/docker/" HEX64 "/docker/" OTHER64, OTHER64, NULL},
		{"/docker/" HEX64 "/init.scope", HEX64, NULL},
		{"/docker-ce/docker/" HEX64, HEX64, NULL},
		{"/docker/" HEX HEX "ABCDEF0123456789" HEX, HEX HEX "ABCDEF0123456789" HEX, NULL},
		/* nerdctl */
		{"/system.slice/nerdctl-" HEX64 ".scope", HEX64, NULL},
		{USER "/user.slice/nerdctl-" HEX64 ".scope", HEX64, NULL},
		{"/default/" HEX64, HEX64, NULL},
		/* Podman; rootless; in a service's own cgroup */
		{"/machine.slice/libpod-" HEX64 ".scope/container", HEX64, NULL},
		{"/machine.slice/libpod-" HEX64 ".scope", HEX64, NULL},
		{"/libpod_parent/libpod-" HEX64, HEX64, NULL},
		{USER "/user.slice/libpod-" HEX64 ".scope/container", HEX64, NULL},
		{USER "/user.slice/user-libpod_pod_" OTHER64 ".slice/libpod-" HEX64 ".scope", HEX64,
		 OTHER64},
		{"/system.slice/web.service/libpod-payload-" HEX64, HEX64, NULL},
		{"/machine.slice/machine-libpod_pod_" OTHER64 ".slice/libpod-" HEX64 ".scope",
		 HEX64, OTHER64},
		/* below Kubernetes: CRI-O, containerd, Docker; with systemd's driver and without */
		{SLICE "/crio-" HEX64 ".scope", HEX64, UID},
		{SLICE "/crio-" HEX64 ".scope/container", HEX64, UID},
		{SLICE "/cri-containerd-" HEX64 ".scope", HEX64, UID},
		{SLICE "/docker-" HEX64 ".scope", HEX64, UID},
		{"/kubepods/besteffort/pod" UID "/" HEX64, HEX64, UID},
		{"/kubepods/burstable/pod" UID "/" HEX64, HEX64, UID},
		{"/kubepods/pod" UID "/crio-" HEX64, HEX64, UID},
		{"/system.slice/containerd.service/kubepods-burstable-pod" UID_
		 ".slice:cri-containerd:" HEX64,
		 HEX64, UID},
		{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_
		 ".slice/cri-containerd-" HEX64 ".scope",
		 HEX64, UID},
		{"/kubelet/kubepods/besteffort/pod" UID "/" HEX64, HEX64, UID},
		/* a pod of a file on the node: a hash */
		{"/kubepods/burstable/pod" HASH32 "/" HEX64, HEX64, HASH32},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" HASH32
		 ".slice/cri-containerd-" HEX64 ".scope",
		 HEX64, HASH32},
		/* kind: Kubernetes in a container */
		{"/docker/" OTHER64 "/kubelet/kubepods/besteffort/pod" UID "/" HEX64, HEX64, UID},
		{"/x/cri-containerd-" OTHER64 ".scope/sub/dir", OTHER64, NULL},
		/* ECS on machines of one's own, and Fargate before 1.4 */
		{"/ecs/" UID "/" HEX64, HEX64, NULL},
		{"/ecs/classic/" HASH32 "/" HEX64, HEX64, NULL},
		/* what is too long does not hide what fits */
		{"/" HEX64 "0/" OTHER64, OTHER64, NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void names(void **state)
{
	static const struct row rows[] = {
		{"/lxc/web", "web", NULL},
		{"/lxc/web/init.scope", "web", NULL},
		{"/user/1000.user/1.session/lxc/web", "web", NULL},
		{"/lxc.payload/web/system.slice/ssh.service", "web", NULL},
		{"/lxc.payload.web", "web", NULL},
		{"/lxc.payload.web-1.x/system.slice/nginx.service", "web-1.x", NULL},
		{"/lxc.payload.104/ns/user.slice", "104", NULL},
		{"/lxc.payload.outer/lxc.payload.inner/init.scope", "inner", NULL},
		{"/lxc.payload.web/system.slice/docker-" HEX64 ".scope", HEX64, NULL},
		{"/docker/" HEX64 "/lxc.payload.web", "web", NULL},
		{"/lxc/" HEX64, HEX64, NULL},
		{"/machine.slice/systemd-nspawn@media-01.service/payload/init.scope", "media-01",
		 NULL},
		{"/machine.slice/systemd-nspawn@my\\x2dbox.service/payload", "my-box", NULL},
		{"/machine.slice/machine-rawhide.scope/payload/system.slice", "rawhide", NULL},
		{"/machine.slice/machine-my\\x2dbox.scope", "my-box", NULL},
		{"/machine.slice/machine-lxc\\x2d104\\x2dweb.scope", "lxc-104-web", NULL},
		{"/docker/buildkit/n4eu0udvbz9vfzjy71jkvgkwh", "n4eu0udvbz9vfzjy71jkvgkwh", NULL},
		{"/garden/6f265890-5165-7fab-6b52-18d1", "6f265890-5165-7fab-6b52-18d1", NULL},
		{"/system.slice/garden.service/garden/70eb4ce5-a065-4401-6990-88ed",
		 "70eb4ce5-a065-4401-6990-88ed", NULL},
		{"/system.slice/garden.service/garden/good/2f57368b-0eda-4e52-64d8-af5c",
		 "2f57368b-0eda-4e52-64d8-af5c", NULL},
		{"/garden/c034152c-80b0-4a44-70df-5c61-liveness-healthcheck-0",
		 "c034152c-80b0-4a44-70df-5c61", NULL},
		/* Fargate 1.4 */
		{"/ecs/" HASH32 "/" HASH32 "-1234567890", HASH32 "-1234567890", NULL},
		{"/ecs/" HASH32 "-1234567890", HASH32 "-1234567890", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

/* What watches over a container is not within it; nor are machines that have a kernel of their own.
 */
static void others(void **state)
{
	static const struct row rows[] = {
		{"/machine.slice/libpod-conmon-" HEX64 ".scope", NULL, NULL},
		{USER "/user.slice/libpod-conmon-" HEX64 ".scope", NULL, NULL},
		{"/system.slice/crio-conmon-" HEX64 ".scope", NULL, NULL},
		{SLICE "/crio-conmon-" HEX64 ".scope", NULL, UID},
		{SLICE, NULL, UID},
		{"/machine.slice/machine-libpod_pod_" OTHER64 ".slice", NULL, OTHER64},
		{"/machine.slice/machine-libpod_pod_" OTHER64 ".slice/libpod-conmon-" HEX64
		 ".scope",
		 NULL, OTHER64},
		{"/libpod_parent/" OTHER64, NULL, OTHER64},
		{"/libpod_parent/" OTHER64 "/conmon", NULL, OTHER64},
		{"/libpod_parent/" OTHER64 "/libpod-" HEX64, HEX64, OTHER64},
		{"/libpod_parent/libpod-" HEX64, HEX64, NULL},
		{"/libpod_parent/conmon", NULL, NULL},
		{SLICE "/cri-containerd-" HEX64 ".scope/kubepods/pod" UID2 "/" OTHER64, OTHER64,
		 UID2},
		{"/lxc.monitor.web", NULL, NULL},
		{"/lxc.monitor/web", NULL, NULL},
		{"/lxc.pivot", NULL, NULL},
		{"/lxc.payload.", NULL, NULL},
		{"/lxc", NULL, NULL},
		{"/lxc/", NULL, NULL},
		{"/system.slice/lxc.service", NULL, NULL},
		{"/machine.slice/systemd-nspawn@box.service/supervisor", NULL, NULL},
		{"/machine.slice/machine-box.scope/supervisor", NULL, NULL},
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", NULL, NULL},
		{"/machine.slice/machine-.scope", NULL, NULL},
		{"/system.slice/machine-box.scope", NULL, NULL},
		{"/docker/buildkit", NULL, NULL},
		{"/garden/bad", NULL, NULL},
		{"/garden/6f265890-5165-7fab-6b52-18d1a", NULL, NULL},
		{"/ecs/" HASH32, NULL, NULL},
		{"/ecs/" HASH32 "-", NULL, NULL},
		{"/", NULL, NULL},
		{"", NULL, NULL},
		{"/system.slice/ssh.service", NULL, NULL},
		{"/docker/" HEX HEX HEX "0123456789abcde", NULL, NULL}, /* 63 */
		{"/docker/" HEX64 "0", NULL, NULL},
		{"/docker/" HEX64 HEX64, NULL, NULL},
		{"/docker/" HEX HEX "/" HEX HEX, NULL, NULL},
		{"/docker/" HEX HEX HEX "0123456789abcdeg", NULL, NULL},
		{"/podman/pods/pod", NULL, NULL},
		{"/kubepods/pod1234567-1234-abcd-1234-123456789abc", NULL, NULL},
		{"/kubepods/pod" UID "0", NULL, NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

/* What ctr has made: /NAMESPACE/NAME, where containerd has state of such a container. */
static void by_state(void **state)
{
	static const struct row rows[] = {
		{"/default/web", "web", NULL},
		{"/default/web/init.scope", "web", NULL},
		{"/default/web/docker/" HEX64, HEX64, NULL},
		{"/default/webs", NULL, NULL},
		{"/default/we", NULL, NULL},
		{"/default", NULL, NULL},
		{"/default/", NULL, NULL},
		{"//web", NULL, NULL},
		{"/other/web", NULL, NULL},
		{"/x/default/web", NULL, NULL},
	};
	char root[] = "/tmp/vfscope-test-XXXXXX", dir[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	setenv("VFSCOPE_TEST_CONTAINERD", root, 1);
	snprintf(dir, sizeof(dir), "%s/default", root);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(dir, sizeof(dir), "%s/default/web", root);
	assert_int_equal(mkdir(dir, 0700), 0);
	check(rows, ARRAY_LEN(rows));
	/* when it has ended it is as any other */
	assert_int_equal(rmdir(dir), 0);
	check(&(struct row){"/default/web", NULL, NULL}, 1);
	snprintf(dir, sizeof(dir), "%s/default", root);
	rmdir(dir);
	rmdir(root);
	unsetenv("VFSCOPE_TEST_CONTAINERD");
}

/* A component may be longer than a name of a file may: what is read is any text. */
static void too_long(void **state)
{
	char path[1024], id[CONTAINER_ID_SIZE];

	(void)state;
	snprintf(path, sizeof(path), "/lxc/%0*d", 900, 0);
	assert_true(container_find(path, id));
	assert_int_equal(strlen(id), CONTAINER_ID_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),   cmocka_unit_test(names),	cmocka_unit_test(others),
		cmocka_unit_test(by_state), cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
