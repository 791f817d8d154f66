"""Another author's library, in another language, writes the same bytes and reads ours.

It is npm's `iso_8583`: characters throughout, binary bitmaps, and a second bitmap whether it is needed or not.
"""

import json
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest

from payments_adapters.iso8583 import Framing, Kind, Message, Original, compile_codec, write
from payments_adapters.iso8583.kinds import NetworkCode
from payments_adapters.iso8583.meaning import Totals, network_message, write_totals
from payments_adapters.iso8583.specification import ISO_1987_MIXED
from tests.adapters.iso8583.samples import NOON, a_message, a_request, a_trace

HOME = Path(__file__).parents[3] / ".cache" / "iso8583-peer"
INSTALL = "npm install --prefix .cache/iso8583-peer iso_8583@2.6.7"
CODEC = compile_codec(ISO_1987_MIXED)

PEER = """
const Iso = require("iso_8583");
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const say = (found) => console.log(JSON.stringify(found));
if (asked.write) say({ raw: new Iso(asked.write).getBufferMessage().toString("hex") });
else say(new Iso().getIsoJSON(Buffer.from(asked.read, "hex")));
"""


def peer(asked: dict[str, object]) -> dict[str, str]:
    """Ask the other library."""
    node = shutil.which("node")
    if node is None or not (HOME / "node_modules" / "iso_8583").is_dir():
        pytest.skip(f"the other implementation is not here; to have it: {INSTALL}")
    run = subprocess.run(
        [node, "-e", PEER],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=HOME,
        timeout=30,
        check=True,
    )
    found: dict[str, str] = json.loads(run.stdout)
    return found


def reversal() -> Message:
    original = Original(mti="0100", stan=1, sent_at=NOON, acquirer="123456")
    return write(attrs.evolve(a_request(Kind.REVERSAL_ADVICE, stan=2), original=original))


MESSAGES = {
    "reversal": reversal(),
    "echo": network_message(NetworkCode.ECHO, a_trace()),
    "totals": write_totals(Totals(currency="978", debits=2, debit_amount=3_000), a_trace()),
    "payee account": a_message().having({102: "PT50000201231234567890154"}),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_same_bytes_are_written(name: str) -> None:
    message = MESSAGES[name]
    theirs = peer({"write": {"0": message.mti, **{str(n): value for n, value in message.fields.items()}}})

    assert theirs["raw"] == Framing().frame(CODEC.pack(message)).hex()


@pytest.mark.parametrize("name", [*MESSAGES, "authorization"])
def test_what_one_writes_the_other_reads(name: str) -> None:
    message = MESSAGES.get(name, a_message())
    plain = {"0": message.mti, **{str(n): value for n, value in message.fields.items()}}

    assert peer({"read": Framing().frame(CODEC.pack(message)).hex()}) == plain
    assert CODEC.unpack(bytes.fromhex(peer({"write": plain})["raw"])[2:]) == message
