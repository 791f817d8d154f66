"""The documented test cards, as data: whose they are, and how each one behaves. The code that reads them is elsewhere.

Columns: number | brand | funding | country | names of its tokens | behaviour. A name gives `tok_name` and `pm_card_name`.
Words of behaviour (`cardholders.py` reads them; docs/sandbox.md tells what they do):

    decline=CODE        the issuer always says no, with this decline code
    limit=AMOUNT        what the cardholder may owe, in minor units of each currency; unlimited without it
    verifies            a verification of nothing (attaching the card) succeeds although payments do not
    cvc= line1= zip=    what the issuer says of the code, the street, the postal code: fail, unavailable
    risk=LEVEL          elevated, highest; blocked=REASON: the payment is stopped as too risky
    3ds=WORD            how the card stands to 3-D Secure; not_enrolled without it
    dispute=WORD        the payer will dispute the payment
    refund=WORD         pending: succeeds later; fails_later: comes back
    funding=immediate   the money is available at once
    silent=WORD         request: the message is lost on its way; answer: only the answer is
"""

from typing import Final

SUCCESSES: Final = """
4242424242424242    | visa       | credit  | US | visa                     |
4000056655665556    | visa       | debit   | US | visa_debit               |
5555555555554444    | mastercard | credit  | US | mastercard               |
2223003122003222    | mastercard | credit  | US |                          |
5200828282828210    | mastercard | debit   | US | mastercard_debit         |
5105105105105100    | mastercard | prepaid | US | mastercard_prepaid       |
378282246310005     | amex       | credit  | US | amex amex_threeDSecureNotSupported | 3ds=unsupported
371449635398431     | amex       | credit  | US |                          |
6011111111111117    | discover   | credit  | US | discover                 |
6011000990139424    | discover   | credit  | US |                          |
6011981111111113    | discover   | debit   | US |                          |
3056930009020004    | diners     | credit  | US | diners                   |
36227206271667      | diners     | credit  | US |                          |
6555900000604105    | discover   | credit  | US | bccard                   |
3566002020360505    | jcb        | credit  | JP | jcb                      |
6200000000000005    | unionpay   | credit  | CN | unionpay                 |
6200000000000047    | unionpay   | debit   | CN |                          |
6205500000000000004 | unionpay   | credit  | CN |                          |
4000000000000077    | visa       | credit  | US | bypassPending            | funding=immediate
4000003720000278    | visa       | credit  | IE | bypassPendingInternational | funding=immediate
"""

COUNTRIES: Final = """
4000000320000021    | visa       | credit  | AR | ar |
4000000360000006    | visa       | credit  | AU | au |
4000000400000008    | visa       | credit  | AT | at |
4000000560000004    | visa       | credit  | BE | be |
4000000760000002    | visa       | credit  | BR | br |
4000001000000000    | visa       | credit  | BG | bg |
4000001120000005    | visa       | credit  | BY | by |
4000001240000000    | visa       | credit  | CA | ca |
4000001520000001    | visa       | credit  | CL | cl |
4000001560000002    | visa       | credit  | CN | cn |
4000001580000008    | visa       | credit  | TW | tw |
4000001700000003    | visa       | credit  | CO | co |
4000001880000005    | visa       | credit  | CR | cr |
4000001910000009    | visa       | credit  | HR | hr |
4000001960000008    | visa       | credit  | CY | cy |
4000002030000002    | visa       | credit  | CZ | cz |
4000002080000001    | visa       | credit  | DK | dk |
4000002180000000    | visa       | credit  | EC | ec |
4000002330000009    | visa       | credit  | EE | ee |
4000002460000001    | visa       | credit  | FI | fi |
4000002500000003    | visa       | credit  | FR | fr |
4000002760000016    | visa       | credit  | DE | de |
4000002920000005    | visa       | credit  | GI | gi |
4000003000000030    | visa       | credit  | GR | gr |
4000003440000004    | visa       | credit  | HK | hk |
4000003480000005    | visa       | credit  | HU | hu |
4000003560000008    | visa       | credit  | IN | in |
4000003720000005    | visa       | credit  | IE | ie |
4000003800000008    | visa       | credit  | IT | it |
4000003920000003    | visa       | credit  | JP | jp |
3530111333300000    | jcb        | credit  | JP |    |
4000004280000005    | visa       | credit  | LV | lv |
4000004380000004    | visa       | credit  | LI | li |
4000004400000000    | visa       | credit  | LT | lt |
4000004420000006    | visa       | credit  | LU | lu |
4000004580000002    | visa       | credit  | MY | my |
4000004700000007    | visa       | credit  | MT | mt |
4000004840008001    | visa       | credit  | MX | mx |
4000005280000002    | visa       | credit  | NL | nl |
4000005540000008    | visa       | credit  | NZ | nz |
4000005780000007    | visa       | credit  | NO | no |
4000005910000000    | visa       | credit  | PA | pa |
4000006000000066    | visa       | credit  | PY | py |
4000006040000068    | visa       | credit  | PE | pe |
4000006160000005    | visa       | credit  | PL | pl |
4000006200000007    | visa       | credit  | PT | pt |
4000006420000001    | visa       | credit  | RO | ro |
4000006820000007    | visa       | credit  | SA | sa |
4000007020000003    | visa       | credit  | SG | sg |
4000007030000001    | visa       | credit  | SK | sk |
4000007050000006    | visa       | credit  | SI | si |
4000007240000007    | visa       | credit  | ES | es |
4000007520000008    | visa       | credit  | SE | se |
4000007560000009    | visa       | credit  | CH | ch |
4000007640000003    | visa       | credit  | TH | th_credit |
4000057640000008    | visa       | debit   | TH | th th_debit |
4000007840000001    | visa       | credit  | AE | ae |
5200007840000022    | mastercard | credit  | AE | ae_mastercard |
4000008260000000    | visa       | credit  | GB | gb |
4000058260000005    | visa       | debit   | GB | gb_debit |
5555558265554449    | mastercard | credit  | GB | gb_mastercard |
4000008580000003    | visa       | credit  | UY | uy |
"""

DECLINES: Final = """
4000000000000002    | visa | credit | US | chargeDeclined                      | decline=generic_decline
4000000000009995    | visa | credit | US | chargeDeclinedInsufficientFunds     | limit=0
4000000000009987    | visa | credit | US | chargeDeclinedLostCard              | decline=lost_card
4000000000009979    | visa | credit | US | chargeDeclinedStolenCard            | decline=stolen_card
4000000000000069    | visa | credit | US | chargeDeclinedExpiredCard           | decline=expired_card
4000000000000127    | visa | credit | US | chargeDeclinedIncorrectCvc          | decline=incorrect_cvc cvc=fail
4000000000000119    | visa | credit | US | chargeDeclinedProcessingError       | decline=processing_error
4000000000006975    | visa | credit | US | chargeDeclinedVelocityLimitExceeded | decline=card_velocity_exceeded
4000000000000341    | visa | credit | US | chargeCustomerFail                  | decline=generic_decline verifies
"""

RISKS: Final = """
4100000000000019    | visa | credit | US | radarBlock chargeDeclinedFraudulent \
| decline=fraudulent verifies risk=highest blocked=highest_risk_level
4000000000004954    | visa | credit | US | riskLevelHighest    | risk=highest
4000000000009235    | visa | credit | US | riskLevelElevated   | risk=elevated
4000000000000101    | visa | credit | US | cvcCheckFail        | cvc=fail
4000000000000036    | visa | credit | US | avsZipFail          | zip=fail
4000000000000028    | visa | credit | US | avsLine1Fail        | line1=fail
4000000000000010    | visa | credit | US | avsFail             | line1=fail zip=fail
4000000000000044    | visa | credit | US | avsUnchecked        | line1=unavailable zip=unavailable
"""

DISPUTES: Final = """
4000000000000259    | visa       | credit | US | createDispute                   | dispute=fraudulent
4000000000002685    | visa       | credit | US | createDisputeProductNotReceived | dispute=product_not_received
4000000000001976    | visa       | credit | US | createDisputeInquiry            | dispute=inquiry
4000000000005423    | visa       | credit | US | createIssuerFraudRecord         | dispute=early_fraud_warning
4000000404000079    | visa       | credit | US | createMultipleDisputes          | dispute=several
4000000404000038    | visa       | credit | US | createCe3EligibleDispute        | dispute=visa_ce3_eligible
4000008400000779    | visa       | credit | US | createComplianceDispute         | dispute=compliance
5105008400000002    | mastercard | credit | US | createComplianceDispute_mastercard | dispute=compliance
4000000404004816    | visa       | credit | US |                                 | dispute=prevented
4000000404005649    | visa       | credit | US |                                 | dispute=prevented
5105000300000018    | mastercard | credit | US |                                 | dispute=prevented
"""

REFUNDS: Final = """
4000000000007726    | visa | credit | US | pendingRefund | refund=pending
4000000000005126    | visa | credit | US | refundFail    | refund=fails_later
"""

THREE_D_SECURE: Final = """
4000002500003155    | visa | credit | FR | authenticationRequiredOnSetup          | 3ds=unless_set_up
4000002760003184    | visa | credit | DE | authenticationRequired                 | 3ds=always
4000003800000446    | visa | credit | IT | authenticationRequiredSetupForOffSession | 3ds=set_up
4000008260003178    | visa | credit | GB | authenticationRequiredChargeDeclinedInsufficientFunds \
| 3ds=unless_set_up limit=0 verifies
4000000000003220    | visa | credit | US | threeDSecure2Required                  | 3ds=required
4000008400000027    | visa | credit | US | threeDSecureRequired                   | 3ds=required
4000008400001629    | visa | credit | US | threeDSecureRequiredChargeDeclined     | 3ds=required decline=generic_decline
4000008400001280    | visa | credit | US | threeDSecureRequiredProcessingError    | 3ds=required_error
4000000000003055    | visa | credit | US | threeDSecureOptional                   | 3ds=optional
4000000000003097    | visa | credit | US | threeDSecureOptionalProcessingError    | 3ds=optional_error
4000000032200000    | visa | credit | US |                                        | 3ds=frictionless
"""

PAYOUT_CARDS: Final = """
4000056655665572    | visa | debit | US | | payout=could_not_process
"""

OURS: Final = """
4000000000071003    | visa | credit | US | limited     | limit=5000
4000000000072001    | visa | credit | US | requestLost | silent=request
4000000000073009    | visa | credit | US | answerLost  | silent=answer
"""

# For a short prefix that several cards share, the first row speaks.
CARDHOLDERS: Final = "\n".join(
    (SUCCESSES, COUNTRIES, DECLINES, RISKS, DISPUTES, REFUNDS, THREE_D_SECURE, PAYOUT_CARDS, OURS)
)
