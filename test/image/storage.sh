# To be sourced: buildah and podman then keep everything in target/ beside this file, apart from the machine's own images,
# and need nothing of the machine but root: no daemon, no overlay file system, no systemd, no network of their own.
image_target=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/target
mkdir -p "$image_target"
cat >"$image_target/storage.conf" <<END
[storage]
driver = "vfs"
graphroot = "$image_target/storage"
runroot = "$image_target/run"
END
cat >"$image_target/containers.conf" <<END
[containers]
default_ulimits = []
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "$image_target/run/libpod"
END
export CONTAINERS_STORAGE_CONF=$image_target/storage.conf
export CONTAINERS_CONF=$image_target/containers.conf
export BUILDAH_ISOLATION=chroot
export PATH=$PATH:/usr/sbin
