"""Networks that misbehave, for tests: one that answers by script, and one that loses, doubles and delays.

Both are `Acquirer`s. What goes wrong follows from a seed and the message alone, whatever the order in which tasks run, so that
a failure replays exactly.
"""

import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Final

import attrs

from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp

Message = AuthorizationRequest | FollowUp

APPROVED: Final = Answer(
    outcome=Outcome.APPROVED,
    response_code="00",
    authorization_code="A1B2C3",
    network_reference="000000000001",
)


def declined(decline_code: str = "generic_decline", response_code: str = "05") -> Answer:
    """A plain no."""
    return Answer(outcome=Outcome.DECLINED, response_code=response_code, decline_code=decline_code)


@attrs.define(eq=False)
class ScriptedAcquirer:
    """Gives the answers of a script, one for each new message, then *otherwise*. It remembers what it heard.

    A repeated reference gets the answer that it got before and uses up nothing of the script.
    """

    script: Iterable[Answer] = ()
    otherwise: Answer = APPROVED
    name: str = "scripted"
    timeout_s: float = 1.0
    heard: list[tuple[str, Message]] = attrs.field(factory=list, init=False)
    """Verb and message, in the order in which they came."""
    _left: list[Answer] = attrs.field(init=False)
    _told: dict[str, Answer] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._left = list(self.script)

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Answer a request for a promise."""
        return self._answer("authorize", request)

    async def increment(self, message: FollowUp) -> Answer:
        """Answer an increment."""
        return self._answer("increment", message)

    async def reverse(self, message: FollowUp) -> Answer:
        """Answer a reversal."""
        return self._answer("reverse", message)

    async def refund(self, message: FollowUp) -> Answer:
        """Answer a refund."""
        return self._answer("refund", message)

    async def inquire(self, message: FollowUp) -> Answer:
        """Answer an inquiry."""
        return self._answer("inquire", message)

    def _answer(self, verb: str, message: Message) -> Answer:
        self.heard.append((verb, message))
        if message.reference not in self._told:
            self._told[message.reference] = self._left.pop(0) if self._left else self.otherwise
        return self._told[message.reference]


class Mishap(StrEnum):
    """What can happen to a message."""

    NONE = "none"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    DUPLICATE = "duplicate"
    DELAY = "delay"


@attrs.define(eq=False, kw_only=True)
class Unreliable:
    """Another acquirer behind a bad line. Each mishap has its likelihood, from 0 to 1; together at most 1.

    A lost request never arrives; of a lost answer only the answer is missing; a duplicate arrives twice; a delayed request
    counts as silence and arrives when somebody calls `deliver`, maybe after its own reversal.
    """

    acquirer: Acquirer
    seed: int
    lose_request: float = 0.0
    lose_answer: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    happened: list[tuple[str, str, Mishap]] = attrs.field(factory=list, init=False)
    """Verb, reference and mishap of every message."""
    _tries: dict[tuple[str, str], int] = attrs.field(factory=lambda: defaultdict(int), init=False)
    _on_the_way: list[Callable[[], Awaitable[Answer]]] = attrs.field(factory=list, init=False)

    @property
    def name(self) -> str:
        """The other's name."""
        return self.acquirer.name

    @property
    def timeout_s(self) -> float:
        """The other's patience."""
        return self.acquirer.timeout_s

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise, over a bad line."""
        return await self._send("authorize", request, lambda: self.acquirer.authorize(request))

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise, over a bad line."""
        return await self._send("increment", message, lambda: self.acquirer.increment(message))

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back, over a bad line."""
        return await self._send("reverse", message, lambda: self.acquirer.reverse(message))

    async def refund(self, message: FollowUp) -> Answer:
        """Send money back, over a bad line."""
        return await self._send("refund", message, lambda: self.acquirer.refund(message))

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of a message, over a bad line."""
        return await self._send("inquire", message, lambda: self.acquirer.inquire(message))

    async def deliver(self) -> int:
        """Let everything that was delayed arrive now; return how much it was."""
        late, self._on_the_way = self._on_the_way, []
        for send in late:
            await send()
        return len(late)

    async def _send(self, verb: str, message: Message, send: Callable[[], Awaitable[Answer]]) -> Answer:
        mishap = self._fate(verb, message.reference)
        self.happened.append((verb, message.reference, mishap))
        if mishap is Mishap.LOSE_REQUEST:
            return SILENCE
        if mishap is Mishap.DELAY:
            self._on_the_way.append(send)
            return SILENCE
        if mishap is Mishap.DUPLICATE:
            await send()
        answer = await send()
        return SILENCE if mishap is Mishap.LOSE_ANSWER else answer

    def _fate(self, verb: str, reference: str) -> Mishap:
        """What happens to this try of this message. A later try has another fate."""
        self._tries[verb, reference] += 1
        drawn = random.Random(f"{self.seed} {verb} {reference} {self._tries[verb, reference]}").random()  # noqa: S311 - a test's dice
        for mishap in (Mishap.LOSE_REQUEST, Mishap.LOSE_ANSWER, Mishap.DUPLICATE, Mishap.DELAY):
            likelihood: float = getattr(self, mishap.value)
            if drawn < likelihood:
                return mishap
            drawn -= likelihood
        return Mishap.NONE
