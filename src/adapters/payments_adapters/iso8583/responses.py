"""What the response codes of element 39 mean, as data.

Codes to our words: the outcome, Stripe's decline code for the merchant, whether another acquirer may be asked, and
what the merchant should do. A network's own codes replace or extend these through its profile.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class Outcome(StrEnum):
    """What the issuer, or whoever stands in for it, decided."""

    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DECLINED = "declined"


class Advice(StrEnum):
    """What the merchant should do next, in the words of Stripe's `advice_code`."""

    NONE = ""
    TRY_AGAIN_LATER = "try_again_later"
    DO_NOT_TRY_AGAIN = "do_not_try_again"
    CONFIRM_CARD_DATA = "confirm_card_data"


@attrs.frozen(kw_only=True)
class Response:
    """One response code."""

    code: str
    outcome: Outcome
    text: str
    decline_code: str | None = None
    may_try_elsewhere: bool = False
    """A soft decline: the answer is about the path or the moment, not about the card."""
    advice: Advice = Advice.NONE

    @property
    def is_approval(self) -> bool:
        """Whether any money was promised."""
        return self.outcome is not Outcome.DECLINED


def _table(rows: str) -> Mapping[str, Response]:
    """Read rows of `code | outcome or decline code | path or advice | text`."""
    table: dict[str, Response] = {}
    for row in rows.strip().splitlines():
        code, word, hints, text = (part.strip() for part in row.split("|"))
        is_approval = word in (Outcome.APPROVED, Outcome.PARTIALLY_APPROVED)
        advice = [Advice(hint) for hint in hints.split() if hint != "elsewhere"]
        table[code] = Response(
            code=code,
            outcome=Outcome(word) if is_approval else Outcome.DECLINED,
            text=text,
            decline_code=None if is_approval else word,
            may_try_elsewhere="elsewhere" in hints.split(),
            advice=advice[0] if advice else Advice.NONE,
        )
    return table


RESPONSES_1987 = _table(
    """
    00 | approved                          |                           | Approved
    08 | approved                          |                           | Honour with identification
    10 | partially_approved                |                           | Approved for a partial amount
    11 | approved                          |                           | Approved, VIP
    16 | approved                          |                           | Approved, update track 3
    85 | approved                          |                           | No reason to decline (account verification)
    01 | call_issuer                       |                           | Refer to card issuer
    02 | call_issuer                       |                           | Refer to card issuer, special condition
    03 | service_not_allowed               | elsewhere                 | Invalid merchant
    04 | pickup_card                       | do_not_try_again          | Pick up card
    05 | do_not_honor                      | try_again_later           | Do not honour
    06 | processing_error                  | elsewhere try_again_later | Error
    07 | pickup_card                       | do_not_try_again          | Pick up card, special condition
    12 | transaction_not_allowed           | confirm_card_data         | Invalid transaction
    13 | invalid_amount                    |                           | Invalid amount
    14 | incorrect_number                  | confirm_card_data         | Invalid card number
    15 | invalid_account                   | do_not_try_again          | No such issuer
    17 | no_action_taken                   |                           | Customer cancellation
    19 | reenter_transaction               | elsewhere try_again_later | Re-enter transaction
    21 | no_action_taken                   |                           | No action taken
    25 | processing_error                  |                           | Unable to locate the record
    30 | processing_error                  | elsewhere                 | Format error
    39 | invalid_account                   | do_not_try_again          | No credit account
    41 | lost_card                         | do_not_try_again          | Lost card
    43 | stolen_card                       | do_not_try_again          | Stolen card
    46 | invalid_account                   | do_not_try_again          | Closed account
    51 | insufficient_funds                | try_again_later           | Not sufficient funds
    52 | invalid_account                   | do_not_try_again          | No cheque account
    53 | invalid_account                   | do_not_try_again          | No savings account
    54 | expired_card                      | do_not_try_again          | Expired card
    55 | incorrect_pin                     |                           | Incorrect PIN
    56 | invalid_account                   | confirm_card_data         | No card record
    57 | transaction_not_allowed           | do_not_try_again          | Not permitted to cardholder
    58 | transaction_not_allowed           | elsewhere                 | Not permitted to terminal
    59 | fraudulent                        | do_not_try_again          | Suspected fraud
    60 | call_issuer                       |                           | Contact acquirer
    61 | card_velocity_exceeded            | try_again_later           | Exceeds amount limit
    62 | restricted_card                   | do_not_try_again          | Restricted card
    63 | security_violation                | do_not_try_again          | Security violation
    64 | invalid_amount                    |                           | Original amount incorrect
    65 | withdrawal_count_limit_exceeded   | try_again_later           | Exceeds frequency limit
    68 | issuer_not_available              | elsewhere try_again_later | Response received too late
    75 | pin_try_exceeded                  |                           | PIN tries exceeded
    76 | processing_error                  |                           | Unable to locate the original
    77 | processing_error                  |                           | Inconsistent with the original
    78 | invalid_account                   | do_not_try_again          | Account blocked or not activated
    79 | revocation_of_authorization       | do_not_try_again          | Life cycle: do not try again
    80 | invalid_expiry_year               | confirm_card_data         | Date error
    81 | processing_error                  | elsewhere                 | Cryptographic error
    82 | incorrect_cvc                     | confirm_card_data         | Card verification failed
    83 | incorrect_pin                     |                           | Unable to verify PIN
    86 | incorrect_pin                     |                           | PIN validation not possible
    91 | issuer_not_available              | elsewhere try_again_later | Issuer or switch inoperative
    92 | issuer_not_available              | elsewhere try_again_later | Unable to route
    93 | transaction_not_allowed           | do_not_try_again          | Violation of law
    94 | duplicate_transaction             |                           | Duplicate transmission
    95 | processing_error                  |                           | Reconciliation error
    96 | processing_error                  | elsewhere try_again_later | System malfunction
    1A | authentication_required           |                           | Additional customer authentication required
    70 | authentication_required           |                           | PIN data or authentication required
    N4 | card_velocity_exceeded            | try_again_later           | Exceeds cash limit
    N7 | incorrect_cvc                     | confirm_card_data         | CVC mismatch
    P5 | incorrect_pin                     |                           | PIN change declined
    Q1 | authentication_required           |                           | Card authentication failed
    R0 | stop_payment_order                | do_not_try_again          | Stop payment order
    R1 | revocation_of_authorization       | do_not_try_again          | Revocation of authorization
    R3 | revocation_of_all_authorizations  | do_not_try_again          | Revocation of all authorizations
    """
)

RESPONSES_1993 = _table(
    """
    000 | approved                        |                           | Approved
    001 | approved                        |                           | Honour with identification
    002 | partially_approved              |                           | Approved for a partial amount
    003 | approved                        |                           | Approved, VIP
    100 | do_not_honor                    | try_again_later           | Do not honour
    101 | expired_card                    | do_not_try_again          | Expired card
    102 | fraudulent                      | do_not_try_again          | Suspected fraud
    104 | restricted_card                 | do_not_try_again          | Restricted card
    106 | pin_try_exceeded                |                           | PIN tries exceeded
    107 | call_issuer                     |                           | Refer to card issuer
    109 | service_not_allowed             | elsewhere                 | Invalid merchant
    110 | invalid_amount                  |                           | Invalid amount
    111 | incorrect_number                | confirm_card_data         | Invalid card number
    114 | invalid_account                 | do_not_try_again          | No account of that type
    115 | transaction_not_allowed         |                           | Requested function not supported
    116 | insufficient_funds              | try_again_later           | Not sufficient funds
    117 | incorrect_pin                   |                           | Incorrect PIN
    118 | invalid_account                 | confirm_card_data         | No card record
    119 | transaction_not_allowed         | do_not_try_again          | Not permitted to cardholder
    120 | transaction_not_allowed         | elsewhere                 | Not permitted to terminal
    121 | card_velocity_exceeded          | try_again_later           | Exceeds amount limit
    122 | security_violation              | do_not_try_again          | Security violation
    123 | withdrawal_count_limit_exceeded | try_again_later           | Exceeds frequency limit
    125 | invalid_account                 | do_not_try_again          | Card not effective
    129 | fraudulent                      | do_not_try_again          | Suspected counterfeit card
    180 | incorrect_cvc                   | confirm_card_data         | Card verification failed (private use)
    181 | authentication_required         |                           | Authentication required (private use)
    200 | pickup_card                     | do_not_try_again          | Pick up: do not honour
    208 | lost_card                       | do_not_try_again          | Lost card
    209 | stolen_card                     | do_not_try_again          | Stolen card
    400 | approved                        |                           | Reversal accepted
    500 | approved                        |                           | Reconciled, in balance
    501 | processing_error                |                           | Reconciled, out of balance
    800 | approved                        |                           | Network management accepted
    902 | transaction_not_allowed         | confirm_card_data         | Invalid transaction
    903 | reenter_transaction             | elsewhere try_again_later | Re-enter transaction
    904 | processing_error                | elsewhere                 | Format error
    907 | issuer_not_available            | elsewhere try_again_later | Issuer or switch inoperative
    908 | issuer_not_available            | elsewhere try_again_later | Unable to route
    909 | processing_error                | elsewhere try_again_later | System malfunction
    911 | issuer_not_available            | elsewhere try_again_later | Issuer timed out
    913 | duplicate_transaction           |                           | Duplicate transmission
    914 | processing_error                |                           | Unable to locate the original
    916 | processing_error                | elsewhere                 | MAC incorrect
    """
)


def response_of(code: str, table: Mapping[str, Response] = RESPONSES_1987) -> Response:
    """Return what *code* means. A code nobody has told us of is a decline: money is never assumed."""
    known = table.get(code)
    return known or Response(
        code=code, outcome=Outcome.DECLINED, text="Unknown response code", decline_code="generic_decline"
    )
