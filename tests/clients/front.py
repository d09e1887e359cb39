"""The public names of a simulated portal: a certificate for them, and a proxy that leads each of them to the simulator.

A client that is told to use the proxy (`HTTPS_PROXY`) and to trust the certificate (`REQUESTS_CA_BUNDLE`) reaches the
simulator, which speaks TLS itself, under whatever name it asks for. The proxy connects nowhere else.
"""
from __future__ import annotations

import contextlib
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit


def certificate(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """A certificate of one day for these host names, signed by itself, and its key."""
    chain, key = folder / "front.pem", folder / "front.key"
    subject = ",".join(["IP:127.0.0.1", *(f"DNS:{name}" for name in names)])
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        + ["-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={subject}", "-keyout", str(key), "-out", str(chain)],
        check=True,
        capture_output=True,
    )
    return chain, key


@contextlib.contextmanager
def running(target: str) -> Iterator[str]:
    """The proxy's address, in front of the simulator at the URL `target`."""
    address = urlsplit(target)

    class Tunnel(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if self.connected():
                self.lead()

        def connected(self) -> bool:
            """Whether a proxy's client asked for a tunnel and was told that it has one."""
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = self.request.recv(1)
                if not byte:
                    return False
                head += byte
            if not head.startswith(b"CONNECT "):
                self.request.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                return False
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return True

        def lead(self) -> None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((address.hostname, address.port)) as simulator,
            ):
                answers = threading.Thread(target=pump, args=(simulator, self.request), daemon=True)
                answers.start()
                pump(self.request, simulator)
                answers.join()

    with Server(("127.0.0.1", 0), Tunnel) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copies bytes until one side has ended, and then ends both, so that a connection that was cut stays cut."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for side in (source, sink):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
