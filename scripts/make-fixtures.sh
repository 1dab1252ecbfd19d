#!/bin/sh
# Makes the traces in fixtures/traces from the recordings they come from. Not part of the build: the traces are
# committed, this says how they came to be. The result is the same byte for byte on every run.
#
#   SHARETOP_DATA=DIR scripts/make-fixtures.sh     DIR holds kvm/ and xen/; default ../shared/data
#
# What each trace shows is in fixtures/README.md; test/collect/recordings.test.ts checks them against the recordings.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
data=${SHARETOP_DATA:-$root/../shared/data}
sharetop=${SHARETOP:-node $root/bin/sharetop.js}

if [ ! -f "$data/kvm/truth.json" ]; then
  echo "make-fixtures: no recordings in $data: set SHARETOP_DATA to the directory that holds kvm/ and xen/" >&2
  exit 3
fi

# Made beside the old ones and swapped in only when whole.
new=$root/fixtures/traces/.new
rm -rf "$new"
trap 'rm -rf "$new"' EXIT

(
  cd "$data/kvm"
  $sharetop import \
    web1.pghd.gz web1.blk.csv.gz web2.pghd.gz web2.blk.csv.gz build1.pghd.gz build1.blk.csv.gz \
    idle1.pghd.gz idle1.blk.csv.gz trix1.pghd.gz trix1.blk.csv.gz \
    --image web1=debian12,web2=debian12,build1=debian12,idle1=debian12,trix1=debian13 \
    --host kvm-five --hypervisor 'QEMU 7.2.22' -o "$new/kvm-five"

  cd "$data/xen"
  $sharetop import \
    web1.pghd.gz web2.pghd.gz build1.pghd.gz idle1.pghd.gz xen.blk.csv.gz \
    --domid web1=2,web2=3,build1=4,idle1=5 \
    --image web1=disk,web2=disk,build1=disk,idle1=disk \
    --host xen-four --hypervisor 'Xen 4.17.7' --host-memory 2047M -o "$new/xen-four"
)

for trace in kvm-five xen-four; do
  rm -rf "$root/fixtures/traces/$trace"
  mv "$new/$trace" "$root/fixtures/traces/$trace"
done
