"""A DNS server of this machine, over UDP, that knows the TXT records of a test."""

import socketserver
import threading
from dataclasses import dataclass, field

from dns import message, rcode, rdatatype, rrset


@dataclass
class Names:
    texts: dict[str, list[str]] = field(default_factory=dict)
    """By domain; what is not here does not exist."""
    is_failing: bool = False
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def start(self) -> socketserver.UDPServer:
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                content, socket = self.request
                socket.sendto(names.answer(content), self.client_address)

        server = socketserver.UDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def answer(self, content: bytes) -> bytes:
        query = message.from_wire(content)
        [question] = query.question
        name = question.name.to_text().rstrip(".").lower()
        self.asked.append(name)
        answer = message.make_response(query)
        if self.is_failing:
            answer.set_rcode(rcode.SERVFAIL)
        elif name not in self.texts:
            answer.set_rcode(rcode.NXDOMAIN)
        elif question.rdtype == rdatatype.TXT and self.texts[name]:
            quoted = [f'"{text}"' for text in self.texts[name]]
            answer.answer.append(rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return answer.to_wire()
