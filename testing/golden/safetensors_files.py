"""Writes safetensors/cases.json: small conforming and hostile safetensors files, what the reference reader does with
each, and what RLHF4J's reader has to do. It may be stricter than the reference, never laxer."""

import base64
import json
import math
import re
import struct

from safetensors import deserialize

import golden

PAIR = struct.pack("<2f", 1.5, -2.0)
INFO = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
NAMED = '"a":' + INFO
STRICTER = {
    "duplicate tensor name": "two readers may pick different tensors",
    "duplicate tensor name, different dtypes": "two readers may pick different tensors",
    "duplicate tensor name through an escape": "two readers may pick different tensors",
    "duplicate key in an extra field": "JSON with duplicate keys is refused everywhere",
    "duplicate key inside __metadata__": "JSON with duplicate keys is refused everywhere",
    "zero dimension beside an overflowing product": "a dimension of 2^63 does not fit",
    "tensor info is an array": "a tensor is described by an object",
    "empty tensor name": "a tensor needs a name",
    "tensor name over 1 KiB": "names are capped at 1024 bytes",
}
SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
READABLE = {"F32": "f", "F16": "e", "F64": "d"}


def file(header, data=b"", length=None):
    if isinstance(header, dict):
        header = json.dumps(header, separators=(",", ":"))
    if isinstance(header, str):
        header = header.encode("utf-8")
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def info(dtype="F32", shape=(2,), offsets=(0, 8), **extra):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **extra}


def raw(text, data=PAIR):
    return file("{" + text + "}", data)


def framing():
    yield "one tensor", file({"a": info()}, PAIR)
    yield "no tensors", file({})
    yield "no bytes at all", b""
    yield "seven bytes", b"\x01" * 7
    yield "header length zero", file(b"")
    yield "header length 2^63", file({"a": info()}, PAIR, 2**63)
    yield "header length 2^64-1", file({"a": info()}, PAIR, 2**64 - 1)
    yield "header length 100000001", file({"a": info()}, PAIR, 100_000_001)
    yield "header length beyond the file", file({"a": info()}, PAIR, 500)
    yield "header length one too short", file({"a": info()}, PAIR, len(json.dumps({"a": info()}, separators=(",", ":"))) - 1)
    yield "two tensors on the same bytes", file({"a": info(), "b": info()}, PAIR)
    yield "overlapping tensors", file({"a": info(), "b": info(offsets=(4, 12))}, PAIR + PAIR[:4])
    yield "hole between tensors", file({"a": info(), "b": info(offsets=(12, 20))}, b"\0" * 20)
    yield "first tensor not at zero", file({"a": info(offsets=(4, 12))}, b"\0" * 12)
    yield "trailing byte", file({"a": info()}, PAIR + b"x")
    yield "missing byte", file({"a": info()}, PAIR[:-1])
    yield "data start not aligned", file(json.dumps({"a": info()}) + "   ", PAIR)
    yield "a pickle", b"\x80\x02}q\x00." + b"\0" * 32
    yield "a zip archive", b"PK\x03\x04" + b"\0" * 32


def offsets_and_shapes():
    yield "reversed offsets", file({"a": info(offsets=(8, 0))}, PAIR)
    yield "negative offset", file({"a": info(offsets=(-8, 0))}, PAIR)
    yield "fractional offset", file({"a": info(offsets=(0, 8.0))}, PAIR)
    yield "offset with an exponent", raw('"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8e0]}')
    yield "offset as a string", raw('"a":{"dtype":"F32","shape":[2],"data_offsets":[0,"8"]}')
    yield "offset of 2^64", raw('"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551616]}')
    yield "offset of 2^64 - 1", raw('"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}')
    yield "offset with a leading zero", raw('"a":{"dtype":"F32","shape":[2],"data_offsets":[0,08]}')
    yield "three offsets", file({"a": info(offsets=(0, 8, 9))}, PAIR)
    yield "one offset", file({"a": info(offsets=(0,))}, PAIR)
    yield "fractional dimension", file({"a": info(shape=(2.0,))}, PAIR)
    yield "negative dimension", file({"a": info(shape=(-2,))}, PAIR)
    yield "shape does not match the bytes", file({"a": info(shape=(3,))}, PAIR)
    yield "overflowing product", file({"a": info(shape=(2**63, 2**63))}, PAIR)
    yield "product of 2^64 elements", file({"a": info(shape=(2**32, 2**32))}, PAIR)
    yield "scalar", file({"a": info(shape=(), offsets=(0, 4))}, PAIR[:4])
    yield "zero dimension", file({"a": info(shape=(0, 5), offsets=(0, 0))})
    yield "zero dimension beside an overflowing product", file({"a": info(shape=(0, 2**63, 2**63), offsets=(0, 0))})
    yield "empty tensor at the offset of another", file({"b": info(shape=(0,), offsets=(0, 0)), "a": info()}, PAIR)
    yield "header order is not file order", file({"b": info(offsets=(8, 16)), "a": info()}, PAIR + PAIR)


def dtypes():
    yield "unknown dtype", file({"a": info("F128")}, PAIR)
    yield "lower-case dtype", file({"a": info("f32")}, PAIR)
    yield "null dtype", raw('"a":{"dtype":null,"shape":[2],"data_offsets":[0,8]}')
    yield "BF16", file({"a": info("BF16", (4,))}, struct.pack("<4H", 0x3FC0, 0xC000, 0x0001, 0x7F80))
    yield "F16", file({"a": info("F16", (4,))}, struct.pack("<4H", 0x3E00, 0xC000, 0x0001, 0x7BFF))
    yield "F32 with NaN and infinity", file({"a": info()}, struct.pack("<2I", 0x7FC00000, 0xFF800000))
    yield "F64", file({"a": info("F64", (1,))}, struct.pack("<d", 0.1))
    yield "I64", file({"a": info("I64", (1,))}, struct.pack("<q", -7))
    yield "BOOL", file({"a": info("BOOL", (8,))}, b"\1\0" * 4)
    yield "U16", file({"a": info("U16", (4,))}, b"\0" * 8)
    yield "F8_E4M3", file({"a": info("F8_E4M3", (8,))}, b"\0" * 8)
    yield "F4, half a byte", file({"a": info("F4", (3,), (0, 1))}, b"\0")
    yield "F4, whole bytes", file({"a": info("F4", (4,), (0, 2))}, b"\0\0")
    yield "C64", file({"a": info("C64", (1,))}, b"\0" * 8)


def header_json():
    yield "duplicate tensor name", raw(NAMED + "," + NAMED)
    yield "duplicate tensor name, different dtypes", raw(NAMED + "," + NAMED.replace("F32", "I32"))
    yield "duplicate tensor name through an escape", raw(NAMED + "," + NAMED.replace('"a"', '"\\u0061"'))
    yield "duplicate __metadata__", raw('"__metadata__":{"x":"1"},"__metadata__":{"x":"2"},' + NAMED)
    yield "duplicate key inside __metadata__", raw('"__metadata__":{"x":"1","x":"2"},' + NAMED)
    yield "duplicate dtype field", raw('"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}')
    yield "duplicate key in an extra field", raw('"a":' + INFO[:-1] + ',"note":{"x":1,"x":2}}')
    yield "extra field", file({"a": info(foo=1)}, PAIR)
    yield "missing shape", file({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, PAIR)
    yield "missing dtype", file({"a": {"shape": [2], "data_offsets": [0, 8]}}, PAIR)
    yield "missing offsets", file({"a": {"dtype": "F32", "shape": [2]}}, PAIR)
    yield "tensor info is an array", raw('"a":["F32",[2],[0,8]]')
    yield "tensor info is null", raw('"a":null', b"")
    yield "metadata", file({"__metadata__": {"format": "pt"}, "a": info()}, PAIR)
    yield "metadata at the end", file({"a": info(), "__metadata__": {"format": "pt"}}, PAIR)
    yield "metadata with a number", file({"__metadata__": {"x": 1}, "a": info()}, PAIR)
    yield "metadata null", raw('"__metadata__":null,' + NAMED)
    yield "metadata is an array", raw('"__metadata__":[],' + NAMED)
    yield "leading space", file(" {" + NAMED + "}", PAIR)
    yield "trailing spaces", file("{" + NAMED + "}   ", PAIR)
    yield "leading and trailing line breaks", file("\r\n\t{" + NAMED + "}\n", PAIR)
    yield "trailing NUL", file("{" + NAMED + "}\0\0", PAIR)
    yield "byte order mark", file("\ufeff{" + NAMED + "}", PAIR)
    yield "header is an array", file(b"[]")
    yield "header is null", file(b"null")
    yield "second JSON value", file("{" + NAMED + "}{}", PAIR)
    yield "invalid UTF-8 in a name", file(b'{"\xff":1}')
    yield "overlong UTF-8 in a name", file(b'{"\xc0\x80":' + INFO.encode() + b"}", PAIR)
    yield "lone surrogate in a name", raw('"\\ud83d":' + INFO)
    yield "name beyond ASCII", raw('"poids.été.😀":' + INFO)
    yield "empty tensor name", raw('"":' + INFO)
    yield "tensor name of 1 KiB", raw('"' + "n" * 1024 + '":' + INFO)
    yield "tensor name over 1 KiB", raw('"' + "n" * 1025 + '":' + INFO)
    yield "nesting of 200", raw('"a":' + "[" * 200 + "]" * 200, b"")
    yield "NaN literal", raw('"a":NaN', b"")
    yield "comment", file(b"{/*x*/}")
    yield "single quotes", raw(NAMED.replace('"', "'"))
    yield "trailing comma", raw(NAMED + ",")
    yield "control character in a name", raw('"a\nb":' + INFO)


def values(name, item):
    """The numbers as a reader that widens must see them; NaN and the infinities as strings that Java parses."""
    dtype, data = item["dtype"], bytes(item["data"])
    if dtype == "BF16":
        numbers = [struct.unpack("<f", b"\0\0" + data[i : i + 2])[0] for i in range(0, len(data), 2)]
    elif dtype in READABLE:
        numbers = list(struct.unpack(f"<{len(data) // struct.calcsize(READABLE[dtype])}{READABLE[dtype]}", data))
    else:
        return None
    return [n if math.isfinite(n) else SPECIAL[str(n)] for n in numbers]


def case(name, data):
    result = {"name": name, "file": base64.b64encode(data).decode("ascii")}
    try:
        tensors = deserialize(data)
        result["reference"] = "accept"
    except Exception as problem:  # the reference raises SafetensorError and, for some inputs, other types
        result["reference"] = "reject"
        # Which of two tensors at the same offset it names depends on hash order: the name is left out.
        text = str(problem).removeprefix("Error while deserializing: ")
        result["reference_error"] = re.sub(r" for tensor `.*`", " for tensor", text)
    if result["reference"] == "accept":
        result["tensors"] = [
            {"name": n, "dtype": i["dtype"], "shape": [str(d) if d >= 2**63 else d for d in i["shape"]], "values": values(n, i)}
            for n, i in sorted(tensors, key=lambda t: t[0])
        ]
    result["ours"] = "reject" if name in STRICTER else result["reference"]
    if name in STRICTER:
        assert result["reference"] == "accept", name
        result["ours_because"] = STRICTER[name]
        del result["tensors"]
    elif result["ours"] == "accept" and any(t["dtype"] not in ("F32", "F16", "BF16") for t in result["tensors"]):
        # Opening may succeed, the dtype is legal; asking for the tensor as floats is an error that names it.
        result["ours"] = "refuse tensor"
    return result


def main():
    cases = [case(n, d) for group in (framing, offsets_and_shapes, dtypes, header_json) for n, d in group()]
    assert len({c["name"] for c in cases}) == len(cases)
    assert set(STRICTER) <= {c["name"] for c in cases}
    golden.write("safetensors/cases.json", {"cases": cases})
    for c in cases:
        print(f"   {c['reference']:7s} {c['ours']:14s} {c['name']}  {c.get('reference_error', '')[:70]}")


if __name__ == "__main__":
    main()
