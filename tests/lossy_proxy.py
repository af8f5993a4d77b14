"""A small proxy in the tests' own process, whose connections can be cut: what a train ride does to a page."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time


class LossyProxy:
    """Forwards bytes between a browser and a server on this machine."""

    def __init__(self, port: int, longest: float = 0.0) -> None:
        """
        port: of the server
        longest: seconds after which a connection is cut, as by an impatient proxy; 0: never
        """
        self.target, self.longest = port, longest
        self.is_away = False
        self.pairs: set[tuple[socket.socket, socket.socket]] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection is lost, and no new one is made until `heal`."""
        self.is_away = True
        for pair in list(self.pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        self.is_away = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        if self.is_away:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        pair = client, server
        self.pairs.add(pair)
        began = time.monotonic()
        try:
            while not (self.is_away or (self.longest and time.monotonic() - began > self.longest)):
                for source in select.select(pair, [], [], 0.1)[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    (server if source is client else client).sendall(data)
        except OSError:
            pass
        finally:
            self.pairs.discard(pair)
            for end in pair:
                end.close()

    def close(self) -> None:
        self.listener.close()
        self.cut()
