"""Compresses, always into the same bytes (RFC 1951).

The bytes that zlib makes differ between its builds and forks, and a chart's digest must not. This packs less tightly
and is slower; docs have the figures. Each block has its own Huffman codes, and what does not compress is stored.

Bits are kept as text, the last bit of the stream first: so a number of n bits is what `format` makes of it, and only
Huffman codes are turned round.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

BLOCK_BYTES = 65535
"""As much as one stored block can hold."""
_WINDOW = 32768
_KEY_BYTES = 5
_MAX_KEYS = 1 << 17
_FIRST_LOOK = 32
_MAX_MATCH = 258
_PATIENCE = 7
"""After 2**7 bytes without a match every second position is tried, after as many again every third."""
_END = 256
_FIRST_LENGTH = 257
_LITERALS, _DISTANCES = 286, 30
_MAX_CODE_BITS = 15
_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


_Token = tuple[bytes, int, int]
"""Bytes as they are, and then so many bytes that stood so far before; the last token of a block has none of these."""


class _Range(NamedTuple):
    """What one symbol stands for: `base` and up to so many more as `bits` further bits can say."""

    base: int
    bits: int


def _ranges(bits: Sequence[int], base: int) -> list[_Range]:
    found = []
    for count in bits:
        found.append(_Range(base, count))
        base += 1 << count
    return found


_LENGTH_RANGES = [*_ranges([0] * 8 + [bits for bits in range(1, 6) for _ in range(4)], 3), _Range(_MAX_MATCH, 0)]
_DISTANCE_RANGES = _ranges([0, 0, *(bits for bits in range(14) for _ in range(2))], 1)
_LENGTH_SYMBOLS = {
    base + more: symbol for symbol, (base, bits) in enumerate(_LENGTH_RANGES) for more in range(1 << bits)
}


def deflate(content: bytes) -> bytes:
    """Returns `content` compressed; the same bytes on every machine and for every Python."""
    stream = _Stream()
    known: dict[bytes, int] = {}
    for start in range(0, max(1, len(content)), BLOCK_BYTES):
        stop = min(start + BLOCK_BYTES, len(content))
        is_last = stop == len(content)
        block = _compressed(list(_tokens(content, start, stop, known)), is_last)
        if len(block) < 8 * (stop - start + 5):
            stream.write(block)
        else:
            stream.store(content[start:stop], is_last)
        if len(known) > _MAX_KEYS:
            known.clear()
    return stream.finish()


class _Stream:
    """Bytes made of bits."""

    def __init__(self) -> None:
        self._bytes: list[bytes] = []
        self._pending = ""

    def write(self, bits: str) -> None:
        bits += self._pending
        odd = len(bits) % 8
        self._pending = bits[:odd]
        if len(bits) > odd:
            self._bytes.append(int(bits[odd:], 2).to_bytes(len(bits) // 8, "little"))

    def store(self, content: bytes, is_last: bool) -> None:
        """Writes a block that is not compressed; it starts at a whole byte (section 3.2.4)."""
        self.write(f"00{is_last:b}")
        self._align()
        size = len(content).to_bytes(2, "little")
        self._bytes += [size, bytes(byte ^ 0xFF for byte in size), content]

    def finish(self) -> bytes:
        self._align()
        return b"".join(self._bytes)

    def _align(self) -> None:
        if self._pending:
            self._bytes.append(bytes((int(self._pending, 2),)))
        self._pending = ""


def _tokens(content: bytes, start: int, stop: int, known: dict[bytes, int]) -> Iterator[_Token]:
    """Finds what stood before; `known` are the places of byte sequences met so far."""
    position = start
    nowhere = -_WINDOW - 1
    find = known.get
    last = stop - _KEY_BYTES
    while position <= last:
        key = content[position : position + _KEY_BYTES]
        before = find(key, nowhere)
        known[key] = position
        if position - before > _WINDOW:
            position += 1 + ((position - start) >> _PATIENCE)
            continue
        length = _match(content, before, position, stop)
        yield content[start:position], length, position - before
        start = position = position + length
    yield content[start:stop], 0, 0


def _match(content: bytes, before: int, position: int, stop: int) -> int:
    """Returns how many bytes at two places are equal."""
    for size in (_FIRST_LOOK, _MAX_MATCH):
        here = content[position : min(position + size, stop)]
        there = content[before : before + len(here)]
        if here != there:
            differing = int.from_bytes(here, "little") ^ int.from_bytes(there, "little")
            return (differing & -differing).bit_length() - 1 >> 3
    return len(here)


def _compressed(tokens: Sequence[_Token], is_last: bool) -> str:
    """Returns the bits of a block with Huffman codes of its own (section 3.2.7)."""
    lengths = Counter([length for _, length, _ in tokens if length])
    distances = Counter([distance for _, _, distance in tokens if distance])
    literals = Counter(b"".join([plain for plain, _, _ in tokens]))
    literals[_END] = 1
    for length, count in lengths.items():
        literals[_FIRST_LENGTH + _LENGTH_SYMBOLS[length]] += count
    far: Counter[int] = Counter()
    for distance, count in distances.items():
        far[_distance_symbol(distance)] += count
    literal_sizes, distance_sizes = _code_sizes(literals), _code_sizes(far)
    parts = [f"{is_last:b}", "10", *_header(literal_sizes, distance_sizes)]
    literal_codes, distance_codes = _codes(literal_sizes), _codes(distance_sizes)
    length_bits = {length: _length_bits(length, literal_codes) for length in lengths}
    distance_bits = {distance: _distance_bits(distance, distance_codes) for distance in distances}
    length_bits[0], distance_bits[0] = literal_codes[_END], ""
    for plain, length, distance in tokens:
        parts += map(literal_codes.__getitem__, plain)
        parts += (length_bits[length], distance_bits[distance])
    return "".join(reversed(parts))


def _header(literal_sizes: Mapping[int, int], distance_sizes: Mapping[int, int]) -> Iterator[str]:
    """Writes the sizes of all codes, each in four bits: a code of 16 symbols that uses no shorthands (16 to 18)."""
    yield from (f"{_LITERALS - 257:05b}", f"{_DISTANCES - 1:05b}", f"{len(_LENGTH_ORDER) - 4:04b}")
    yield from ("000" if symbol > _MAX_CODE_BITS else "100" for symbol in _LENGTH_ORDER)
    for sizes, count in ((literal_sizes, _LITERALS), (distance_sizes, _DISTANCES)):
        yield from (f"{sizes.get(symbol, 0):04b}"[::-1] for symbol in range(count))


def _length_bits(length: int, codes: Mapping[int, str]) -> str:
    symbol = _LENGTH_SYMBOLS[length]
    return _more(length, _LENGTH_RANGES[symbol]) + codes[_FIRST_LENGTH + symbol]


def _distance_bits(distance: int, codes: Mapping[int, str]) -> str:
    symbol = _distance_symbol(distance)
    return _more(distance, _DISTANCE_RANGES[symbol]) + codes[symbol]


def _more(value: int, found: _Range) -> str:
    return f"{value - found.base:0{found.bits}b}" if found.bits else ""


def _distance_symbol(distance: int) -> int:
    """Returns the symbol of a distance: two for each power of two (section 3.2.5)."""
    offset = distance - 1
    if offset < 4:
        return offset
    bits = offset.bit_length() - 2
    return 2 * bits + (offset >> bits)


def _code_sizes(counts: Mapping[int, int]) -> dict[int, int]:
    """Returns how many bits the Huffman code of each symbol has; equal counts are told apart by the symbols."""
    counts = dict(counts)
    for symbol in (0, 1):
        if len(counts) < 2:
            counts.setdefault(symbol, 1)
    while True:
        sizes = dict.fromkeys(counts, 0)
        heap = [(count, symbol, [symbol]) for symbol, count in counts.items()]
        heapq.heapify(heap)
        while len(heap) > 1:
            count, first, symbols = heapq.heappop(heap)
            other_count, _, others = heapq.heappop(heap)
            symbols += others
            for symbol in symbols:
                sizes[symbol] += 1
            heapq.heappush(heap, (count + other_count, first, symbols))
        if max(sizes.values()) <= _MAX_CODE_BITS:
            return sizes
        counts = {symbol: (count + 1) // 2 for symbol, count in counts.items()}


def _codes(sizes: Mapping[int, int]) -> dict[int, str]:
    """Returns the code of each symbol (section 3.2.2), turned round."""
    codes = {}
    code = previous = 0
    for size, symbol in sorted((size, symbol) for symbol, size in sizes.items()):
        code <<= size - previous
        codes[symbol] = f"{code:0{size}b}"[::-1]
        code, previous = code + 1, size
    return codes
