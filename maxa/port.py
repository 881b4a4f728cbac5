"""The port that the web server listens on: whether it can be had, and whether anyone answers there."""

from __future__ import annotations

import errno
import socket
import time
from http.client import HTTPConnection, HTTPException

from maxa.errors import SettingsError
from maxa.settings import Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - to listen there is the operator's choice


def check_port(settings: Settings, *, wait: float = 1.5) -> None:
    """See that the web server will be able to listen. Raises SettingsError, with the way to mend it.

    ``wait``: seconds for a predecessor that was killed just now to let go of it.
    """
    host, port = settings.host, settings.port
    deadline = time.monotonic() + wait
    while True:
        try:
            _listen_for_a_moment(host, port)
            return
        except PermissionError:
            raise SettingsError(
                f"این کاربر اجازهٔ درگاه {port} را ندارد؛ درگاهی از 1024 به بالا بدهید، مانند MAXA_PORT=8000.",
                f"This user may not listen on port {port}; choose one from 1024 up, for example MAXA_PORT=8000.",
            ) from None
        except socket.gaierror:
            raise SettingsError(
                f"نشانی MAXA_HOST={host} شناخته نیست؛ 127.0.0.1 (تنها همین دستگاه) یا 0.0.0.0 (همهٔ شبکه) بدهید.",
                f"MAXA_HOST={host} is not known; give 127.0.0.1 (this machine only) or 0.0.0.0 (the whole network).",
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingsError(
                    f"روی {host} درگاه {port} نمی‌توان گوش داد ({error.strerror}). MAXA_HOST را یکی از نشانی‌های همین دستگاه بگذارید.",
                    f"Can't listen on {host} port {port} ({error.strerror}). Set MAXA_HOST to an address of this machine.",
                ) from None
            if time.monotonic() >= deadline:
                other = port + 1 if port < 65_535 else port - 1
                raise SettingsError(
                    f"درگاه {port} روی {host} را برنامهٔ دیگری گرفته است. آن را ببندید یا درگاه دیگری بدهید، "
                    f"مانند MAXA_PORT={other}.",
                    f"Port {port} on {host} is taken by another program. Stop it, or choose another port, "
                    f"for example MAXA_PORT={other}.",
                ) from None
            time.sleep(0.05)


def _listen_for_a_moment(host: str, port: int) -> None:
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        probe.bind(address)
        probe.listen(1)


def answers(settings: Settings) -> bool:
    """Whether a web server answers there, whatever it says."""
    connection = HTTPConnection(EVERYWHERE.get(settings.host, settings.host), settings.port, timeout=1)
    try:
        connection.request("HEAD", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def base_url(settings: Settings) -> str:
    """Where a browser on this machine finds us."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
