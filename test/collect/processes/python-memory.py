"""Holds `-m SIZE` (MiB) of anonymous memory, `m`, in a mapping of its own; runs each line of its input as Python."""
import mmap, struct, sys

size = int(sys.argv[2].rstrip('M')) << 20
m = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
m.madvise(getattr(mmap, 'MADV_' + sys.argv[3]))


def page(number, value):
    """The page is the value, eight bytes little-endian, 512 times."""
    m[number * 4096:(number + 1) * 4096] = struct.pack('<Q', value) * 512


print('ready', flush=True)
for line in sys.stdin:
    exec(line)
    print('done', flush=True)
