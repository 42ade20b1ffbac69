"""Waits until the database answers over TLS, with a certificate for its name.

Where it is says the environment that PostgreSQL's own clients read: PGHOST, PGPORT and PGSSLROOTCERT.
"""

import os
import socket
import ssl
import struct
import sys
import time

# PostgreSQL's frontend/backend protocol, message SSLRequest: its length and its code.
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
TIMEOUT_SECONDS = 5
PAUSE_SECONDS = 2


def reach(host: str, port: int, authority: str) -> None:
    """Opens a connection and closes it again.

    Raises:
        OSError: nobody answers, or without TLS, or with a certificate that is not for `host`.
    """
    context = ssl.create_default_context(cafile=authority)
    # PostgreSQL's clients take certificates that lack what RFC 5280 asks for.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with socket.create_connection((host, port), TIMEOUT_SECONDS) as connection:
        connection.sendall(SSL_REQUEST)
        if connection.recv(1) != b"S":
            raise OSError("no TLS is spoken there")
        context.wrap_socket(connection, server_hostname=host).close()


def main() -> None:
    """Tries until the database is there."""
    host, port, authority = (os.environ[name] for name in ("PGHOST", "PGPORT", "PGSSLROOTCERT"))
    while True:
        try:
            reach(host, int(port), authority)
            return
        except OSError as error:
            sys.stderr.write(f"{host}:{port}: {error}\n")
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
