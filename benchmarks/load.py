"""A small keep-alive HTTP client that is run as a process of its own, so that it takes no time from the server's.

    python -m benchmarks.load 127.0.0.1:8000 REQUESTS CONNECTIONS < targets.json

``targets.json`` holds ``{"headers": {…}, "paths": […]}``; the paths are asked in turn. Each connection has one request
on its way at any time. Prints requests a second, and the number of replies that were not 200.
"""

from __future__ import annotations

import json
import socket
import sys
import time


def run(address: tuple[str, int], requests: list[bytes], count: int, connections: int) -> tuple[float, int]:
    """Requests a second over ``count`` requests, and how many were not answered by 200."""
    sockets = []
    for _ in range(connections):
        connection = socket.create_connection(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets.append(connection)
    failed = sent = received = 0
    began = time.perf_counter()
    for connection in sockets:
        connection.sendall(requests[sent % len(requests)])
        sent += 1
    while received < count:
        for connection in sockets:
            if received + connections > count + connections - 1:
                break
            failed += _read_reply(connection) != b"200"
            received += 1
            if sent < count:
                connection.sendall(requests[sent % len(requests)])
                sent += 1
    seconds = time.perf_counter() - began
    for connection in sockets:
        connection.close()
    return count / seconds, failed


def _read_reply(connection: socket.socket) -> bytes:
    """Read one reply with a Content-Length; returns its status."""
    received = connection.recv(1 << 16)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(1 << 16)
    head = received[:end].lower()
    start = head.index(b"content-length:") + 15
    length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else None])
    missing = end + 4 + length - len(received)
    while missing > 0:
        missing -= len(connection.recv(min(missing, 1 << 20)))
    return head[9:12]


def main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    targets = json.load(sys.stdin)
    lines = "".join(f"{name}: {value}\r\n" for name, value in targets["headers"].items())
    requests = [f"GET {path} HTTP/1.1\r\nHost: {sys.argv[1]}\r\n{lines}\r\n".encode() for path in targets["paths"]]
    rate, failed = run((host, int(port)), requests, int(sys.argv[2]), int(sys.argv[3]))
    print(f"{rate:.1f} {failed}")


if __name__ == "__main__":
    main()
