#!/usr/bin/env python3
"""Recomputes every byte and hash of vectors.json, as ENCODING.md specifies them.

A second reader, written from the specification and sharing nothing with the Go package: Python 3 and its standard
library only. Each record is made from its inputs and read back from its bytes; both must agree with the vectors.
Usage: verify_vectors.py [vectors.json]. It ends with 1, and says why, when anything differs.
"""

import calendar
import hashlib
import json
import os
import sys

MAX64 = 2**63 - 1
MAX32 = 2**31 - 1
MAX_TAG = 64
MAX_ATTACHMENTS = 1 << 20
MAX_METADATA = 1 << 12


class Malformed(Exception):
    """The bytes are no canonical form, or the values have none."""


def need(condition, reason):
    if not condition:
        raise Malformed(reason)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- CBOR (RFC 8949), as far as headers need it: unsigned integers, bytes, text, arrays, maps of text -------------------


def cbor_head(major, value):
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << 8 * size:
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise Malformed("an integer beyond 64 bits")


def cbor(value):
    """The deterministic encoding of RFC 8949 section 4.2.1."""
    if isinstance(value, int):
        need(value >= 0, "negative integer")
        return cbor_head(0, value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return cbor_head(3, len(text)) + text
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(cbor(item) for item in value)
    if isinstance(value, dict):
        pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
        return cbor_head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise Malformed("no such type")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        need(size <= len(self.data) - self.at, "cut")
        self.at += size
        return self.data[self.at - size : self.at]

    def done(self):
        need(self.at == len(self.data), "bytes behind the end")

    def cbor(self):
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if short < 24:
            value = short
        else:
            need(short <= 27, "indefinite or reserved length")
            size = 1 << (short - 24)
            value = int.from_bytes(self.take(size), "big")
            need(cbor_head(0, value)[0] & 31 == short, "not the shortest form")
        if major == 0:
            return value
        if major == 2:
            return self.take(value)
        if major == 3:
            return text_of(self.take(value))
        if major == 4:
            return [self.cbor() for _ in self.counted(value)]
        if major == 5:
            pairs, last = {}, b""
            for _ in self.counted(value):
                start = self.at
                key = self.cbor()
                need(isinstance(key, str), "a key that is no text")
                encoded = self.data[start : self.at]
                need(encoded > last, "keys out of order or twice")
                pairs[key], last = self.cbor(), encoded
            return pairs
        raise Malformed("no type of a header")

    def counted(self, count):
        need(count <= len(self.data) - self.at, "more items than bytes")
        return range(count)

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        need(byte != 0 or shift == 0, "a varint not in its shortest form")
        need(value < 1 << 64, "a varint beyond 64 bits")
        return value

    def varint(self):
        value = self.uvarint()
        return value >> 1 if value & 1 == 0 else -(value >> 1) - 1


def text_of(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("text that is not UTF-8") from error
    need("\0" not in text, "text with NUL")
    return text


# --- headers -----------------------------------------------------------------------------------------------------------

ASSIGNED = ("seq", "recorded_micros", "voucher_number", "first_ordinal", "line_count", "first_account")
ASSIGNED_RANGES = ((1, MAX64), (0, MAX64), (0, MAX64), (0, MAX64 - MAX32), (0, MAX32), (0, MAX32))


def is_day(value):
    year, month, day = value // 10000, value // 100 % 100, value % 100
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def is_month(value, last=12):
    return 1 <= value // 100 <= 9999 and 1 <= value % 100 <= last


def check_text(value):
    need(isinstance(value, str), "no text")
    try:
        text_of(value.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise Malformed("text that is not Unicode") from error


def check_hash(value):
    need(isinstance(value, bytes) and len(value) in (0, 32), "neither a hash nor none")


def check_integer(value, least, most):
    need(isinstance(value, int) and least <= value <= most, "integer out of range")


def check_list(value, size):
    need(isinstance(value, list) and len(value) == size, "not the array that stands here")


def check_header(header):
    check_list(header, 3)
    suite, assigned, draft = header
    need(suite == 1 and isinstance(suite, int), "unknown suite")
    check_list(assigned, 6)
    for value, (least, most) in zip(assigned, ASSIGNED_RANGES):
        check_integer(value, least, most)
    need(isinstance(draft, bytes), "the draft is no byte string")


def check_draft(draft):
    check_list(draft, 14)
    kind, key, effective, period, voucher, description, entered, approved, source, attachments, transfer, reverses, metadata, act = draft
    check_list(source, 3)
    for text in (kind, key, voucher, description, entered, approved, transfer, source[0], source[1]):
        check_text(text)
    check_hash(source[2])
    check_integer(effective, 0, MAX32)
    need(effective == 0 or is_day(effective), "no day")
    check_integer(period, 0, MAX32)
    need(period == 0 or is_month(period, 13), "no period")
    need(isinstance(attachments, list) and len(attachments) <= MAX_ATTACHMENTS, "attachments")
    for attachment in attachments:
        check_list(attachment, 2)
        check_text(attachment[0])
        check_hash(attachment[1])
    check_integer(reverses, 0, MAX64)
    need(isinstance(metadata, dict) and len(metadata) <= MAX_METADATA, "metadata")
    for name, value in metadata.items():
        check_text(name)
        check_text(value)
    need(isinstance(act, bytes), "the act is no byte string")


def encode_header(assigned, draft):
    check_draft(draft)
    header = [1, assigned, cbor(draft)]
    check_header(header)
    return cbor(header)


def decode_header(data):
    reader = Reader(data)
    header = reader.cbor()
    reader.done()
    check_header(header)
    inner = Reader(header[2])
    draft = inner.cbor()
    inner.done()
    check_draft(draft)
    return header[1], draft


# --- columns -----------------------------------------------------------------------------------------------------------


def uvarint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(value):
    return uvarint(value * 2 if value >= 0 else -value * 2 - 1)


def wrapped(value):
    """The signed 64-bit integer that value is modulo 2**64."""
    return (value + 2**63) % 2**64 - 2**63


def runs(values):
    start = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[start]:
            yield values[start], i - start
            start = i


def check_line(line):
    account, side, amount, month, tag = line
    check_integer(account, 1, MAX32)
    need(side in (1, -1), "no side")
    check_integer(amount, -MAX64, MAX64)
    check_integer(month, 0, MAX32)
    need(month == 0 or is_month(month), "no month")
    check_text(tag)
    need(len(tag.encode("utf-8")) <= MAX_TAG, "tag too long")


def encode_columns(seed, lines):
    if not lines:
        return b""
    for line in lines:
        check_line(line)
    accounts, sides, amounts, months, tags = zip(*lines)
    out, previous = [seed], 0
    for account in accounts:
        out.append(varint(account - previous))
        previous = account
    bits = bytearray((len(sides) + 7) // 8)
    for i, side in enumerate(sides):
        if side == -1:
            bits[i // 8] |= 1 << i % 8
    out.append(bytes(bits))
    previous = 0
    for amount in amounts:
        out.append(varint(wrapped(amount - previous)))
        previous = amount
    previous = 0
    for month, count in runs(months):
        out.append(varint(month - previous) + uvarint(count))
        previous = month
    for tag, count in runs(tags):
        text = tag.encode("utf-8")
        out.append(uvarint(len(text)) + text + uvarint(count))
    return b"".join(out)


def decode_columns(data, count):
    need(0 <= count <= MAX32, "no count of lines")
    if count == 0:
        need(not data, "columns without lines")
        return b"", []
    need(len(data) >= 16 + 2 * count, "shorter than the count of lines")
    reader = Reader(data)
    seed = reader.take(16)
    accounts, value = [], 0
    for _ in range(count):
        value += reader.varint()
        accounts.append(value)
    bits = reader.take((count + 7) // 8)
    sides = [-1 if bits[i // 8] >> i % 8 & 1 else 1 for i in range(count)]
    need(count % 8 == 0 or bits[-1] >> count % 8 == 0, "sides beyond the lines")
    amounts, value = [], 0
    for _ in range(count):
        value = wrapped(value + reader.varint())
        amounts.append(value)
    months, value = [], 0
    while len(months) < count:
        value += reader.varint()
        need(not months or value != months[-1], "a run of months in two")
        months += [value] * run(reader, count - len(months))
    tags = []
    while len(tags) < count:
        tag = text_of(reader.take(reader.uvarint()))
        need(not tags or tag != tags[-1], "a run of tags in two")
        tags += [tag] * run(reader, count - len(tags))
    reader.done()
    lines = list(zip(accounts, sides, amounts, months, tags))
    for line in lines:
        check_line(line)
    return seed, lines


def run(reader, most):
    length = reader.uvarint()
    need(1 <= length <= most, "a run of the wrong length")
    return length


# --- hashes ------------------------------------------------------------------------------------------------------------


def line_salt(seed, ordinal):
    return sha256(seed, ordinal.to_bytes(8, "big"))


def line_hash(salt, line):
    account, side, amount, month, tag = line
    text = tag.encode("utf-8")
    return sha256(
        b"\x00", salt, account.to_bytes(4, "big"), b"\x01" if side == -1 else b"\x00", amount.to_bytes(8, "big", signed=True),
        month.to_bytes(4, "big"), bytes([len(text)]), text,
    )  # fmt: skip


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def split(size):
    """The largest power of two below size (RFC 6962 section 2.1)."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return node_hash(root(leaves[:half]), root(leaves[half:]))


def frontier(leaves):
    out, rest = [len(leaves).to_bytes(8, "big")], leaves
    while rest:
        size = 1 << len(rest).bit_length() - 1
        out.append(root(rest[:size]))
        rest = rest[size:]
    return b"".join(out)


def decode_frontier(data):
    need(len(data) >= 8, "no size")
    size = int.from_bytes(data[:8], "big")
    need(size < 2**61, "too large")
    need(len(data) == 8 + 32 * bin(size).count("1"), "the length does not fit the size")


def root_of_path(hash_, place, size, path):
    """The root that an audit path leads to (RFC 6962 section 2.1.1); the path is listed from the leaf upwards."""
    if size == 1:
        need(not path, "a path too long")
        return hash_
    need(path, "a path too short")
    half = split(size)
    if place < half:
        return node_hash(root_of_path(hash_, place, half, path[:-1]), path[-1])
    return node_hash(path[-1], root_of_path(hash_, place - half, size - half, path[:-1]))


def leaf_hash(header, columns, lines_root):
    return sha256(b"\x00", header, sha256(columns), lines_root)


# --- the vectors -------------------------------------------------------------------------------------------------------

differences = []


def expect(what, got, want):
    if got != want:
        differences.append(f"{what}: is {short(want)}, computed {short(got)}")


def short(value):
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def inputs(record):
    """The fields of a record in the order of the arrays, from its vector."""
    given = record["draft"]
    draft = [given[name] for name in ("kind", "key", "effective", "period", "voucher_type", "description", "entered_by", "approved_by")]
    source = given["source"]
    draft.append([source["kind"], source["id"], bytes.fromhex(source["hash"])])
    draft.append([[attachment["name"], bytes.fromhex(attachment["hash"])] for attachment in given["attachments"]])
    draft += [given["transfer"], int(given["reverses"]), given["metadata"], bytes.fromhex(given["act"])]
    assigned = [int(record["assigned"][name]) for name in ASSIGNED]
    lines = [(line["account"], line["side"], int(line["amount"]), line["month"], line["tag"]) for line in record["lines"]]
    return assigned, draft, bytes.fromhex(record["seed"]), lines


def verify_record(record):
    name = record["name"]
    assigned, draft, seed, lines = inputs(record)
    header, columns = bytes.fromhex(record["header"]), bytes.fromhex(record["columns"])
    expect(f"{name}: line count", len(lines), assigned[4])

    # From the inputs.
    made_header, made_columns = encode_header(assigned, draft), encode_columns(seed, lines)
    expect(f"{name}: header", made_header, header)
    expect(f"{name}: columns", made_columns, columns)
    hashes = [line_hash(line_salt(seed, assigned[3] + i), line) for i, line in enumerate(lines)]
    lines_root = root(hashes)
    expect(f"{name}: lines root", lines_root.hex(), record["lines_root"])
    expect(f"{name}: leaf", leaf_hash(made_header, made_columns, lines_root).hex(), record["leaf"])

    # From the bytes.
    read_assigned, read_draft = decode_header(header)
    expect(f"{name}: assigned, read back", read_assigned, assigned)
    expect(f"{name}: draft, read back", read_draft, draft)
    expect(f"{name}: header, written again", encode_header(read_assigned, read_draft), header)
    read_seed, read_lines = decode_columns(columns, read_assigned[4])
    expect(f"{name}: seed, read back", read_seed, seed)
    expect(f"{name}: lines, read back", read_lines, lines)
    read_root = root([line_hash(line_salt(read_seed, read_assigned[3] + i), line) for i, line in enumerate(read_lines)])
    expect(f"{name}: leaf of the bytes", leaf_hash(header, columns, read_root).hex(), record["leaf"])
    return bytes.fromhex(record["leaf"])


def verify_tree(what, vector, leaves):
    expect(f"{what} of {vector['size']}: root", root(leaves).hex(), vector["root"])
    expect(f"{what} of {vector['size']}: frontier", frontier(leaves).hex(), vector["frontier"])


def verify_proof(proof, records):
    record, place = records[proof["record"]], proof["line"]
    assigned, _, seed, lines = inputs(record)
    what = f"{record['name']}: proof of line {place}"
    salt = line_salt(seed, assigned[3] + place)
    expect(f"{what}: salt", salt.hex(), proof["salt"])
    hash_ = line_hash(bytes.fromhex(proof["salt"]), lines[place])
    expect(f"{what}: hash", hash_.hex(), proof["hash"])
    path = [bytes.fromhex(step) for step in proof["path"]]
    expect(f"{what}: path", root_of_path(hash_, place, len(lines), path).hex(), record["lines_root"])


def verify_refused(vector):
    readers = {"header": decode_header, "frontier": decode_frontier, "columns": lambda data: decode_columns(data, vector.get("count", 0))}
    try:
        readers[vector["part"]](bytes.fromhex(vector["bytes"]))
    except Malformed:
        return
    differences.append(f"{vector['part']} was accepted: {vector['why']}")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    expect("suite", vectors["suite"], 1)
    leaves = []
    for record in vectors["records"]:
        try:
            leaves.append(verify_record(record))
        except Malformed as error:
            differences.append(f"{record['name']}: {error}")
    for vector in vectors["logs"]:
        verify_tree("log", vector, leaves[: vector["size"]])
    for vector in vectors["trees"]:
        verify_tree("tree", vector, [sha256(i.to_bytes(8, "big")) for i in range(vector["size"])])
    for proof in vectors["line_proofs"]:
        verify_proof(proof, vectors["records"])
    for vector in vectors["refused"]:
        verify_refused(vector)
    for difference in differences:
        print(difference)
    counts = ", ".join(f"{len(vectors[name])} {name}" for name in ("records", "logs", "trees", "line_proofs", "refused"))
    print(f"{counts}: {len(differences)} differences")
    return 1 if differences or not vectors["records"] else 0


if __name__ == "__main__":
    sys.exit(main())
