#!/usr/bin/env python3
"""A recorder for sharetop in plain Python: memory that lies in files becomes an NDJSON trace.

Each file is one domain and each 4 KiB of it one frame. Such files are
  - guests of QEMU/KVM whose memory is a file (-object memory-backend-file,share=on,mem-path=/dev/shm/web1,...),
  - dumps of guests (`virsh dump --memory-only --format raw`, `pmemsave` of the QEMU monitor),
  - any file at all, to try it.

    ndjson_recorder.py /dev/shm/web1 /dev/shm/web2 | sharetop -              one scan
    ndjson_recorder.py --every 5 /dev/shm/web* | sharetop -                  a scan every five seconds, live
    ndjson_recorder.py -o trace/scan.ndjson a.raw b.raw; sharetop trace      through a file

A later scan says only what changed since the one before. The lines are described in docs/FORMAT.md.
Nothing but the standard library is used; pages are hashed at some 3,000 a second, each content once. With the xxhash
package, replace `xxh64` by `lambda page: xxhash.xxh64_intdigest(page)`: that does millions.
"""

import argparse
import json
import os
import struct
import sys
import time

PAGE_BYTES = 4096
ZERO_PAGE = bytes(PAGE_BYTES)
# A span names up to so many frames in one line; the tool would cut a longer one.
SPAN_FRAMES = 126

# ---- XXH64 with seed 0: what sharetop knows a content by -----------------------------------------------------------
MASK = 0xFFFFFFFFFFFFFFFF
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4 = 0x85EBCA77C2B2AE63
WORDS = struct.Struct("<%dQ" % (PAGE_BYTES // 8))


def rotate(value, bits):
    return ((value << bits) | (value >> (64 - bits))) & MASK


def xxh64(page):
    """XXH64 of one page. Its length is a multiple of 32, so the tail of the algorithm is never needed."""
    words = WORDS.unpack(page)
    lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
    for lane in range(4):
        value = lanes[lane]
        for word in words[lane::4]:
            value = (value + word * P2) & MASK
            value = ((value << 31 | value >> 33) & MASK) * P1 & MASK
        lanes[lane] = value
    result = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
    for lane in lanes:
        result ^= rotate(lane * P2 & MASK, 31) * P1 & MASK
        result = (result * P1 + P4) & MASK
    result = (result + PAGE_BYTES) & MASK
    result = (result ^ result >> 33) * P2 & MASK
    result = (result ^ result >> 29) * P3 & MASK
    return result ^ result >> 32


# ---- The recorder ---------------------------------------------------------------------------------------------------
class Domain:
    """One file, and what its frames held at the last scan."""

    def __init__(self, domid, path):
        self.domid = domid
        self.path = path
        self.name = os.path.basename(path)
        self.frames = -1
        self.hashes = []


class Recorder:
    def __init__(self, output):
        self.output = output
        # Content → its hash: most pages of a host are there more than once, or were at the last scan.
        self.known = {ZERO_PAGE: "%016x" % xxh64(ZERO_PAGE)}

    def say(self, **line):
        self.output.write(json.dumps(line, separators=(",", ":")) + "\n")

    def hash_of(self, page):
        text = self.known.get(page)
        if text is None:
            if len(self.known) > 65536:  # 256 MiB of pages: begin anew rather than grow
                self.known = {ZERO_PAGE: self.known[ZERO_PAGE]}
            text = self.known[page] = "%016x" % xxh64(page)
        return text

    def scan(self, domain):
        """Says what changed in one domain since its last scan."""
        now = int(time.time() * 1e6)
        with open(domain.path, "rb") as memory:
            frames = os.fstat(memory.fileno()).st_size // PAGE_BYTES
            if frames != domain.frames:
                # Also when it grew or shrank: a smaller reservation frees the frames above it.
                self.say(t=now, record="domain", domid=domain.domid, key=domain.path, name=domain.name, frames=frames)
                domain.frames = frames
                del domain.hashes[frames:]
            # The time is that of the scan, and every line after this one is of it.
            self.say(t=now, record="time")
            start, span = 0, []
            for gfn in range(frames):
                page = memory.read(PAGE_BYTES)
                if len(page) < PAGE_BYTES:  # truncated while we read: the next scan says so
                    break
                text = self.hash_of(page)
                is_new = gfn >= len(domain.hashes)
                if is_new:
                    domain.hashes.append(text)
                if not is_new and domain.hashes[gfn] == text:
                    continue
                domain.hashes[gfn] = text
                if span and (gfn != start + len(span) or len(span) == SPAN_FRAMES):
                    self.fill(domain, start, span)
                    span = []
                if not span:
                    start = gfn
                span.append(text)
            if span:
                self.fill(domain, start, span)
        self.output.flush()

    def fill(self, domain, gfn, hashes):
        self.say(record="fill", domid=domain.domid, gfn=gfn, hashes=hashes)


def expected(paths):
    """The figures that sharetop must find: counted from the bytes of the pages, without hashes and without records."""
    contents, zero, known, by_domain = {}, 0, 0, []
    for path in paths:
        own = set()
        with open(path, "rb") as memory:
            for page in iter(lambda: memory.read(PAGE_BYTES), b""):
                if len(page) < PAGE_BYTES:
                    break
                if page == ZERO_PAGE:
                    zero += 1
                    continue
                known += 1
                own.add(page)
                contents[page] = contents.get(page, 0) + 1
        by_domain.append((path, len(own)))
    own_sum = sum(count for _, count in by_domain)
    return {
        "frames": zero + known,
        "zeroFrames": zero,
        "knownFrames": known,
        "distinctContents": len(contents),
        "sharedContents": sum(1 for count in contents.values() if count > 1),
        "potentialSavedFrames": known - len(contents),
        "selfSavedFrames": known - own_sum,
        "interSavedFrames": own_sum - len(contents),
    }


def main():
    parser = argparse.ArgumentParser(description="memory in files → NDJSON for sharetop")
    parser.add_argument("files", nargs="+", help="one domain each")
    parser.add_argument("-o", "--output", help="file to append to, e.g. trace/scan.ndjson (default: stdout)")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="scan again and again")
    parser.add_argument("--expect", action="store_true", help="print the figures counted independently, and end")
    given = parser.parse_args()
    if given.expect:
        print(json.dumps(expected(given.files)))
        return
    output = open(given.output, "a", encoding="ascii") if given.output else sys.stdout
    recorder = Recorder(output)
    memory = sum(os.path.getsize(path) for path in given.files) // PAGE_BYTES
    recorder.say(record="host", name=os.uname().nodename, hypervisor="kvm", frames=memory)
    live = [Domain(number + 1, path) for number, path in enumerate(given.files)]
    while live:
        for domain in list(live):
            try:
                recorder.scan(domain)
            except FileNotFoundError:
                # The guest is gone, and so are its frames.
                recorder.say(t=int(time.time() * 1e6), record="gone", domid=domain.domid)
                live.remove(domain)
        output.flush()
        if given.every is None:
            return
        time.sleep(given.every)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        # sharetop was quit: nobody reads any more. Without this, Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
