#!/usr/bin/env python3
"""A tiny agent in Python's standard library alone, written from docs/WIRE.md.

It enrols, reads load and memory, sends samples and events, keeps what is not acknowledged in a JSON
file, and goes on where it stopped. It is a proof that the document is complete, not an agent to install.
"""

import argparse
import base64
import hashlib
import json
import os
import secrets
import socket
import ssl
import struct
import sys
import time
import urllib.parse

# --- Ed25519, RFC 8032 section 5.1 -------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    """Extended homogeneous coordinates (X, Y, Z, T), section 5.1.4."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    left = (y1 - x1) * (y2 - x2) % P
    right = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2 % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def x_from_y(y, sign):
    """The x of a point, or None when there is none (section 5.1.3)."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_MINUS_ONE % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


BASE_Y = 4 * pow(5, -1, P) % P
BASE_X = x_from_y(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def point_bytes(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point_from(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    x = x_from_y(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def secret_expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar = scalar & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def sha512_number(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % ORDER


def public_key(seed):
    return point_bytes(point_multiply(secret_expand(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = secret_expand(seed)
    key = point_bytes(point_multiply(scalar, BASE))
    nonce = sha512_number(prefix + message)
    r = point_bytes(point_multiply(nonce, BASE))
    s = (nonce + sha512_number(r + key + message) * scalar) % ORDER
    return r + s.to_bytes(32, "little")


def verify(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    point, r = point_from(key), point_from(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or r is None or s >= ORDER:
        return False
    h = sha512_number(signature[:32] + key + message)
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(h, point)))


# --- Bytes, WIRE.md sections 3, 5, 6 and 9 ------------------------------------------------------


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def framed(data):
    return struct.pack(">I", len(data)) + data


def transcript(hello, welcome, exporter=b""):
    return hashlib.sha256(framed(hello.encode()) + framed(welcome.encode()) + framed(exporter)).digest()


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value):
    return -2 * value - 1 if value < 0 else 2 * value


def unzigzag(value):
    return -(value + 1) // 2 if value & 1 else value // 2


def text_bytes(text):
    data = text.encode()
    return varint(len(data)) + data


def raw_zstd(content):
    """A zstd frame of raw blocks."""
    out = bytearray(b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(content)))
    blocks = [content[i : i + 131072] for i in range(0, len(content), 131072)] or [b""]
    for i, block in enumerate(blocks):
        head = (1 if i == len(blocks) - 1 else 0) | len(block) << 3
        out += struct.pack("<I", head)[:3] + block
    return bytes(out)


def check_after(check, value):
    """Rotated by five bits; what is above the low 32 bits of the value is added to them."""
    rotated = (check << 5 | check >> 27) & 0xFFFFFFFF
    return (rotated + value + int(value / 2**32)) * 2654435761 & 0xFFFFFFFF


def check_bytes(check):
    return struct.pack("<H", check >> 16)


def double_words(value):
    """High and low 32 bits; every NaN is the same one."""
    data = b"\x7f\xf8" + bytes(6) if value != value else struct.pack(">d", value)
    return struct.unpack(">II", data)


class Series:
    """What both ends know of a series of the connection."""

    def __init__(self, decimals):
        self.factor = 10**decimals
        self.last = 0
        self.mean = 0
        self.shift = 0

    @property
    def width(self):
        return self.mean + 12 >> 4

    def learn(self, length):
        self.mean += 16 * length - self.mean >> 2


class Samples:
    """Dictionary and differences of one connection, the agent's end."""

    def __init__(self):
        self.numbers = {}
        self.series = []
        self.previous_time = 0
        self.previous_present = None

    def body(self, ticks):
        """ticks: [[time, [[metric, instance, kind, decimals, value], ...]], ...]"""
        declared = bytearray()
        count = 0
        for _, readings in ticks:
            for metric, instance, kind, decimals, _ in readings:
                if (metric, instance) in self.numbers:
                    continue
                self.numbers[metric, instance] = len(self.series)
                self.series.append(Series(decimals))
                declared += text_bytes(metric) + text_bytes(instance) + bytes([decimals * 2 + (kind == "counter")])
                count += 1
        heads = bytearray()
        bits = ""
        declarations = varint(count) + bytes(declared)
        check = 0
        for byte in declarations:
            check = check_after(check, byte)
        for at, readings in ticks:
            values = {self.numbers[metric, instance]: value for metric, instance, _, _, value in readings}
            heads += varint(zigzag(at - self.previous_time)) + self.presence(sorted(values))
            self.previous_time = at
            check = check_after(check, at)
            for number in sorted(values):
                code, check = self.value(number, values[number], check)
                bits += code
        bits += "0" * (-len(bits) % 8)
        data = int(bits or "0", 2).to_bytes(len(bits) // 8, "big")
        return declarations + varint(len(ticks)) + bytes(heads) + data + check_bytes(check)

    def presence(self, present):
        before, self.previous_present = self.previous_present, present
        if len(present) == len(self.series):
            return b"\x00"
        if present == before:
            return b"\x02"
        bitmap = bytearray((len(self.series) + 7) // 8)
        for number in present:
            bitmap[number // 8] |= 1 << number % 8
        return b"\x01" + bytes(bitmap)

    def value(self, number, value, check):
        """Bits of one value, as text, and the check after it. The shift stays 0: that is allowed, and short enough."""
        series = self.series[number]
        scaled = None if value != value or abs(value) == float("inf") else round(value * series.factor)
        minus_zero = value == 0 and struct.pack(">d", value)[0] != 0
        if scaled is None or abs(scaled) > 2**51 - 1 or scaled / series.factor != value or minus_zero:
            high, low = double_words(value)
            return f"00001111111{high:032b}{low:032b}", check_after(check_after(check, low + number), high)
        coded = zigzag(scaled - series.last)
        series.last = scaled
        length, width = coded.bit_length(), series.width
        series.learn(length)

        def in_bits(count):
            return f"{coded:0{count}b}" if count > 0 else ""

        if length == 0 and width > 2:
            code = "001"
        elif length <= width:
            code = "1" + in_bits(width)
        elif length <= width + 2:
            code = "01" + in_bits(min(width + 2, 53))
        elif length <= width + 5:
            code = "0001" + in_bits(min(width + 5, 53))
        else:
            code = f"00001{length:06b}" + in_bits(length)
        return code, check_after(check, scaled + number)


class SamplesReader:
    """The other end; only for the worked examples."""

    def __init__(self):
        self.series = []
        self.previous_time = 0
        self.previous_present = None

    def read(self, body):
        """[[time, {number: value}], ...]"""
        self.data, self.at = body, 0
        for _ in range(self.varint()):
            for _ in range(2):
                length = self.varint()
                self.at += length
            self.series.append(Series(self.byte() >> 1))
        check = 0
        for byte in body[: self.at]:
            check = check_after(check, byte)
        heads = [self.head() for _ in range(self.varint())]
        self.bits = "".join(f"{byte:08b}" for byte in body[self.at : -2])
        ticks = []
        for at, present in heads:
            check = check_after(check, at)
            values = {}
            for number in present:
                values[number], check = self.value(number, check)
            ticks.append([at, values])
        assert len(self.bits) < 8 and "1" not in self.bits, "left over"
        assert body[-2:] == check_bytes(check), "check"
        return ticks

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def head(self):
        self.previous_time += unzigzag(self.varint())
        mode = self.byte()
        present = self.previous_present
        if mode == 0:
            present = list(range(len(self.series)))
        elif mode == 1:
            bitmap = int.from_bytes(bytes(self.byte() for _ in range((len(self.series) + 7) // 8)), "little")
            present = [number for number in range(len(self.series)) if bitmap >> number & 1]
        self.previous_present = present
        return self.previous_time, present

    def take(self, count):
        taken, self.bits = self.bits[:count], self.bits[count:]
        return int(taken or "0", 2)

    def value(self, number, check):
        series = self.series[number]
        width = series.width
        while True:
            zeros = self.bits.index("1")
            self.take(zeros + 1)
            length = [width, width + 2, 0, width + 5, None][zeros]
            if length is None:
                length = self.take(6)
                if length == 62:
                    series.shift = self.take(5)
                    continue
                if length == 63:
                    high, low = self.take(32), self.take(32)
                    (value,) = struct.unpack(">d", struct.pack(">II", high, low))
                    return value, check_after(check_after(check, low + number), high)
            coded = self.take(min(length, 53))
            series.learn(coded.bit_length())
            series.last += unzigzag(coded) << series.shift
            check = check_after(check, series.last + number)
            return series.last / series.factor, check


# --- WebSocket, RFC 6455 ------------------------------------------------------------------------


class Closed(Exception):
    pass


class WebSocket:
    def __init__(self, url, timeout):
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        self.socket = socket.create_connection((parts.hostname, port), timeout)
        if parts.scheme == "wss":
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
        self.buffer = b""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        request = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.hostname}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = dict((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:]))
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if " 101 " not in head[0] + " " or headers.get("sec-websocket-accept") != base64.b64encode(digest).decode():
            raise Closed(f"no WebSocket: {head[0]}")

    def fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed("the line was cut")
        self.buffer += data

    def until(self, end):
        while end not in self.buffer:
            self.fill()
        data, self.buffer = self.buffer.split(end, 1)
        return data

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def send(self, opcode, data):
        length = len(data)
        if length < 126:
            head = bytes([128 | opcode, 128 | length])
        elif length < 65536:
            head = bytes([128 | opcode, 254]) + struct.pack(">H", length)
        else:
            head = bytes([128 | opcode, 255]) + struct.pack(">Q", length)
        mask = secrets.token_bytes(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def send_text(self, text):
        self.send(1, text.encode())

    def send_binary(self, data):
        self.send(2, data)

    def close(self, code):
        self.send(8, struct.pack(">H", code))
        self.socket.close()

    def receive(self, deadline):
        """The next text message, or None when the deadline comes first."""
        while True:
            if not self.buffer:
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                try:
                    self.fill()
                except (TimeoutError, socket.timeout):
                    return None
                finally:
                    self.socket.settimeout(30)
            first, second = self.take(2)
            length = second & 127
            if length == 126:
                (length,) = struct.unpack(">H", self.take(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self.take(8))
            data = self.take(length)
            opcode = first & 15
            if opcode == 9:
                self.send(10, data)
            elif opcode == 8:
                code = struct.unpack(">H", data[:2])[0] if len(data) > 1 else 1005
                raise Closed(f"closed with {code} {data[2:].decode(errors='replace')}")
            elif opcode == 1:
                return data.decode()
            elif opcode == 2:
                raise Closed("a binary message of the server")


# --- The agent ----------------------------------------------------------------------------------


def now_ms():
    return time.time_ns() // 1_000_000


class Store:
    """Key, epoch and what is not acknowledged, in a file."""

    def __init__(self, path):
        self.path = path
        self.state = {
            "seed": secrets.token_hex(32),
            "enrolled": False,
            "epoch": secrets.token_hex(8),
            "last": 0,
            "entries": [],
        }
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.state = json.load(file)
        self.save()

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.state, file)
        os.replace(self.path + ".new", self.path)

    def append(self, kind, content):
        self.state["last"] += 1
        self.state["entries"].append([self.state["last"], kind, content])
        self.save()

    def acknowledge(self, seq):
        self.state["entries"] = [entry for entry in self.state["entries"] if entry[0] > seq]
        self.save()

    def begin_epoch(self):
        """What was stored counts as acknowledged: an older copy of it wrote on with this epoch."""
        self.state.update(epoch=secrets.token_hex(8), last=0, entries=[])
        self.save()

    @property
    def first(self):
        return self.state["entries"][0][0] if self.state["entries"] else self.state["last"] + 1


class Refused(Exception):
    pass


class Agent:
    def __init__(self, options):
        self.options = options
        self.store = Store(options.state)
        self.seed = bytes.fromhex(self.store.state["seed"])
        self.key = public_key(self.seed)
        self.id = hashlib.sha256(self.key).hexdigest()[:32]
        self.interval_ms = 10_000
        self.samples = Samples()
        self.sent = 0
        self.acked = 0

    def connect(self):
        self.socket = WebSocket(self.options.server, 10)
        purpose = "resume" if self.store.state["enrolled"] else "enrol"
        hello = json.dumps(
            {
                "type": "hello",
                "versions": [1, 1],
                "purpose": purpose,
                "nonce": base64url(secrets.token_bytes(32)),
                "capabilities": [],
            }
        )
        deadline = time.monotonic() + 10
        self.socket.send_text(hello)
        welcome_text, welcome = self.expect("welcome", deadline)
        if welcome["serverKey"] != self.options.server_key or welcome["version"] != 1:
            self.socket.close(4401)
            raise Refused("server-key-mismatch")
        t = transcript(hello, welcome_text)
        server_key = from_base64url(welcome["serverKey"])
        _, proof = self.expect("proof", deadline)
        if not verify(server_key, b"muster/1 server\0" + t, from_base64url(proof["signature"])):
            self.socket.close(4401)
            raise Refused("server-proof-invalid")
        inner = hashlib.sha256(t + server_key + self.key + self.id.encode()).digest()
        mine = {
            "type": "proof",
            "agentKey": base64url(self.key),
            "agentId": self.id,
            "signature": base64url(sign(self.seed, b"muster/1 agent\0" + inner)),
            "agentVersion": "0.1.0-py",
            "hostname": self.options.hostname,
            "platform": "linux",
            "bootId": boot_id(),
            "epoch": self.store.state["epoch"],
            "firstSeq": self.store.first,
            "lastSeq": self.store.state["last"],
            "sentAtMs": now_ms(),
        }
        if purpose == "enrol":
            mine["token"] = self.options.token
        self.socket.send_text(json.dumps(mine))
        _, accepted = self.expect("accepted", deadline)
        while accepted["pendingApproval"]:
            _, accepted = self.expect("accepted", time.monotonic() + 3600)
        self.store.state["enrolled"] = True
        self.store.save()
        self.interval_ms = accepted["config"]["intervalMs"]
        report("accepted", agentId=self.id, lastSeq=accepted["lastSeq"], purpose=purpose)
        self.resume(accepted["lastSeq"], mine["lastSeq"])

    def expect(self, kind, deadline):
        text = self.socket.receive(deadline)
        if text is None:
            raise Closed("the server does not answer")
        message = json.loads(text)
        if message["type"] == "refused":
            raise Refused(message["code"])
        if message["type"] == "clock" and kind == "accepted":
            return self.expect(kind, deadline)
        if message["type"] != kind:
            raise Closed(f"{message['type']} instead of {kind}")
        return text, message

    def resume(self, server_seq, proved_seq):
        if server_seq > proved_seq:
            self.store.begin_epoch()
            self.socket.send_text(json.dumps({"type": "epoch", "epoch": self.store.state["epoch"]}))
            server_seq = 0
        self.store.acknowledge(server_seq)
        self.sent = self.acked = server_seq
        self.send_stored()

    def send_stored(self):
        for seq, kind, content in self.store.state["entries"]:
            if seq <= self.sent or len(self.store.state["entries"]) == 0 or seq - self.acked > 256:
                continue
            body = self.samples.body(content) if kind == 1 else raw_zstd(json.dumps(content).encode())
            self.socket.send_binary(bytes([kind]) + varint(seq) + body)
            self.sent = seq
            report("sent", seq=seq)

    def listen(self, until):
        """Takes messages until the time comes, or until all is acknowledged when `until` is None."""
        deadline = time.monotonic() + 20 if until is None else until
        while until is not None or self.store.state["entries"]:
            text = self.socket.receive(deadline)
            if text is None:
                if until is None:
                    raise Closed("no acknowledgement")
                return
            message = json.loads(text)
            if message["type"] == "ack":
                if message["seq"] > self.sent:
                    self.socket.close(4400)
                    raise Closed("acknowledged what was not sent")
                self.acked = message["seq"]
                self.store.acknowledge(message["seq"])
                report("acked", seq=message["seq"])
                self.send_stored()
            elif message["type"] == "configure":
                self.interval_ms = message["config"]["intervalMs"]
            elif message["type"] == "refused":
                raise Refused(message["code"])

    def tick(self):
        readings = read_machine()
        at = now_ms()
        self.store.append(1, [[at, readings]])
        report("tick", atMs=at, values={metric: value for metric, _, _, _, value in readings})

    def event(self, **event):
        self.store.append(3, {"events": [dict(atMs=now_ms(), **event)]})

    def run(self):
        options = self.options
        self.event(type="started", bootId=boot_id(), bootedAtMs=booted_at_ms(), previous=None, agentVersion="0.1.0-py")
        for _ in range(options.offline_ticks):
            self.tick()
        if options.offline:
            return
        self.connect()
        interval = options.interval if options.interval is not None else self.interval_ms / 1000
        for _ in range(options.ticks):
            self.tick()
            self.send_stored()
            if options.vanish:
                continue
            self.listen(time.monotonic() + interval)
        if options.vanish:
            # As a process that is killed: nothing read, nothing said.
            os._exit(0)
        at = now_ms()
        self.event(type="stopping", reason="stop")
        self.socket.send_text(json.dumps({"type": "goodbye", "reason": "stop", "atMs": at}))
        self.send_stored()
        self.listen(None)
        self.socket.close(1000)


def read_machine():
    with open("/proc/loadavg", encoding="ascii") as file:
        load = [float(word) for word in file.read().split()[:3]]
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in file}
    return [
        ["load.1m", "", "gauge", 2, load[0]],
        ["load.5m", "", "gauge", 2, load[1]],
        ["memory.total", "", "gauge", 0, memory["MemTotal"]],
        ["memory.used", "", "gauge", 0, memory["MemTotal"] - memory["MemAvailable"]],
    ]


def boot_id():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def booted_at_ms():
    with open("/proc/uptime", encoding="ascii") as file:
        return now_ms() - int(float(file.read().split()[0]) * 1000)


def report(what, **fields):
    print(json.dumps({"what": what, **fields}), flush=True)


def check_examples(path):
    """The worked examples of the document: the vectors beside shared/src/wire."""

    def read(name):
        with open(os.path.join(path, name + ".json"), encoding="utf-8") as file:
            return json.load(file)

    names = ("integers", "handshake", "samples", "sample-classes", "sample-codes", "events", "inventory")
    integers, handshake, samples, classes, codes, events, inventory = (read(name) for name in names)
    for one in integers["varints"]:
        assert varint(one["value"]).hex() == one["hex"], one
    for one in integers["zigzags"]:
        assert zigzag(one["value"]) == one["zigzag"], one
    agent_seed = bytes.fromhex(handshake["agentSeed"])
    server_seed = bytes.fromhex(handshake["serverSeed"])
    assert base64url(public_key(server_seed)) == handshake["serverKey"]
    assert base64url(public_key(agent_seed)) == handshake["agentKey"]
    t = transcript(handshake["hello"], handshake["welcome"])
    assert t.hex() == handshake["transcript"]
    with_exporter = transcript(handshake["hello"], handshake["welcome"], bytes.fromhex(handshake["exporter"]))
    assert with_exporter.hex() == handshake["transcriptWithExporter"]
    assert base64url(sign(server_seed, b"muster/1 server\0" + t)) == handshake["serverSignature"]
    assert base64url(sign(agent_seed, bytes.fromhex(handshake["agentSigned"]))) == handshake["agentSignature"]
    assert verify(public_key(server_seed), b"muster/1 server\0" + t, from_base64url(handshake["serverSignature"]))
    assert not verify(public_key(server_seed), b"muster/1 agent\0" + t, from_base64url(handshake["serverSignature"]))
    names = [
        ["cpu.utilisation", "", "gauge", 2],
        ["memory.used", "", "gauge", 0],
        ["network.received", "eth0", "counter", 0],
        ["filesystem.utilisation", "/", "gauge", 2],
    ]
    encoder = Samples()
    reader = SamplesReader()
    for seq, one in enumerate(samples, 1):
        ticks = [
            [tick["atMs"], [names[n] + [value] for n, value in zip(tick["series"], tick["values"])]]
            for tick in one["ticks"]
        ]
        head = bytes([4]) if seq == len(samples) else bytes([1]) + varint(seq)
        body = encoder.body(ticks)
        assert (head + body).hex() == one["hex"], one["what"]
        assert reader.read(body) == [
            [tick["atMs"], dict(zip(tick["series"], tick["values"]))] for tick in one["ticks"]
        ], one["what"]
    reader = SamplesReader()
    for one in classes:
        told = [
            [tick["atMs"], {int(number): double_words(float(value)) for number, value in tick["values"].items()}]
            for tick in one["ticks"]
        ]
        read_back = [
            [at, {number: double_words(value) for number, value in values.items()}]
            for at, values in reader.read(bytes.fromhex(one["hex"]))
        ]
        assert read_back == told, one["what"]
    reader = SamplesReader()
    for one in codes:
        [[_, values]] = reader.read(bytes.fromhex(one["hex"]))
        assert list(values.values()) == one["values"], one["what"]
    assert (bytes([3]) + varint(4) + raw_zstd(events["text"].encode())).hex() == events["hex"]
    assert (bytes([2]) + varint(5) + raw_zstd(inventory["text"].encode())).hex() == inventory["hex"]
    report("examples", checked=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", help="ws://host:port/ws/agent; wss where a proxy ends TLS")
    parser.add_argument("--server-key", help="identity key of the server, base64url")
    parser.add_argument("--token")
    parser.add_argument("--state", default="client.json")
    parser.add_argument("--hostname", default=socket.gethostname())
    parser.add_argument("--ticks", type=int, default=3, help="readings after the connection")
    parser.add_argument("--offline-ticks", type=int, default=0, help="readings before it")
    parser.add_argument("--interval", type=float, help="seconds; default: as the server says")
    parser.add_argument("--offline", action="store_true", help="does not connect")
    parser.add_argument("--vanish", action="store_true", help="ends without reading what the server says")
    parser.add_argument("--check-examples", metavar="FOLDER", help="only check the worked examples")
    options = parser.parse_args()
    if options.check_examples:
        return check_examples(options.check_examples)
    try:
        Agent(options).run()
    except (Closed, Refused, OSError) as error:
        report("failed", error=type(error).__name__, detail=str(error))
        return 1
    report("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
