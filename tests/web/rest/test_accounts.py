"""Accounts over HTTP with the official client: every endpoint answers in the SDK's own shapes."""

import json
from typing import Any, Final

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Keys, Server


@pytest.fixture
def keys(server: Server) -> Keys:
    return server.account()


@pytest.fixture
def client(server: Server, keys: Keys) -> StripeClient:
    return server.stripe(keys.secret_key)


def shaped(answer: Any) -> Any:
    assert_shape(stripe.Account, answer.to_dict())
    return answer


def test_a_platform_makes_changes_and_lists_an_account(client: StripeClient, keys: Keys) -> None:
    made = shaped(
        client.v1.accounts.create(
            {
                "controller": {"fees": {"payer": "application"}, "stripe_dashboard": {"type": "none"}},
                "country": "US",
                "email": "shop@shop.example",
                "business_profile": {"name": "Shop", "url": "https://shop.example"},
                "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
                "settings": {
                    "branding": {"primary_color": "#0055ff"},
                    "payouts": {"schedule": {"interval": "weekly", "weekly_anchor": "friday"}},
                },
            }
        )
    )
    changed = shaped(client.v1.accounts.update(made.id, {"metadata": {"a": "1"}}))
    listed = client.v1.accounts.list()
    own = shaped(client.v1.accounts.retrieve_current())

    assert (made.business_profile.name, made.settings.branding.primary_color) == ("Shop", "#0055ff")
    assert made.settings.payouts.schedule.weekly_anchor == "friday"
    assert changed.metadata.to_dict() == {"a": "1"}
    assert [account.id for account in listed.data] == [made.id]
    assert shaped(client.v1.accounts.retrieve(made.id)).id == made.id
    assert own.id == keys.account


def test_a_platform_acts_for_the_account_that_it_made(client: StripeClient) -> None:
    made = client.v1.accounts.create({"type": "custom"})
    customer = client.v1.customers.create({"name": "Jenny"}, {"stripe_account": made.id})

    assert client.v1.accounts.retrieve_current({}, {"stripe_account": made.id}).id == made.id
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.customers.retrieve(customer.id)
    assert refusal.value.http_status == 404


def test_an_account_is_made_once_for_one_idempotency_key(client: StripeClient) -> None:
    made = [client.v1.accounts.create({}, {"idempotency_key": "once"}).id for _ in range(2)]

    assert made[0] == made[1]
    assert len(client.v1.accounts.list().data) == 1


def test_the_account_of_another_platform_is_not_found(server: Server, client: StripeClient) -> None:
    other = server.stripe(server.account().secret_key)
    theirs = other.v1.accounts.create({})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.retrieve(theirs.id)
    assert refusal.value.http_status == 404


BANK: Final[Any] = {
    "object": "bank_account",
    "country": "US",
    "currency": "usd",
    "routing_number": "110000000",
    "account_number": "000123456789",
    "account_holder_name": "Tea House",
}
ADDRESS: Final = {
    "line1": "1 Main Street",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
}
COMPANY: Final[Any] = {
    "business_type": "company",
    "business_profile": {
        "mcc": "5499",
        "name": "Tea House",
        "product_description": "Tea by the pound",
        "annual_revenue": {"amount": 9_000_000, "currency": "usd", "fiscal_year_end": "2025-12-31"},
        "monthly_estimated_revenue": {"amount": 750_000, "currency": "usd"},
        "estimated_worker_count": 7,
        "minority_owned_business_designation": ["women_owned_business"],
        "support_address": ADDRESS,
        "support_phone": "+15555550100",
    },
    "company": {
        "name": "Tea House LLC",
        "address": ADDRESS,
        "address_kana": {"line1": "kana", "town": "machi"},
        "directors_provided": True,
        "owners_provided": False,
        "ownership_declaration": {"date": 1_700_000_000, "ip": "203.0.113.7", "user_agent": "Browser"},
        "registration_date": {"day": 1, "month": 2, "year": 2003},
        "structure": "llc",
        "tax_id": "000000001",
        "vat_id": "DE000000002",
    },
    "tos_acceptance": {"date": 1_700_000_000, "ip": "203.0.113.7", "service_agreement": "full"},
    "settings": {
        "card_payments": {"statement_descriptor_prefix": "TEA", "decline_on": {"cvc_failure": False}},
        "payments": {"statement_descriptor": "TEA HOUSE"},
        "payouts": {"debit_negative_balances": False, "statement_descriptor": "TEA PAYOUT"},
    },
}


def test_all_that_is_said_of_a_company_is_shown(client: StripeClient) -> None:
    said: Any = {"type": "custom", **COMPANY}
    made = shaped(client.v1.accounts.create(said))

    shown = made.to_dict()
    assert shown["company"]["address"]["city"] == "Springfield"
    assert shown["company"]["address_kana"]["town"] == "machi"
    assert (shown["company"]["tax_id_provided"], shown["company"]["vat_id_provided"]) == (True, True)
    assert shown["company"]["ownership_declaration"]["date"] == 1_700_000_000
    assert shown["company"]["registration_date"] == {"day": 1, "month": 2, "year": 2003}
    assert shown["business_profile"]["annual_revenue"]["amount"] == 9_000_000
    assert shown["business_profile"]["minority_owned_business_designation"] == ["women_owned_business"]
    assert shown["business_profile"]["support_address"]["postal_code"] == "62701"
    assert shown["tos_acceptance"]["service_agreement"] == "full"
    assert shown["settings"]["card_payments"]["statement_descriptor_prefix"] == "TEA"
    assert shown["settings"]["payments"]["statement_descriptor"] == "TEA HOUSE"
    assert shown["settings"]["payouts"]["statement_descriptor"] == "TEA PAYOUT"
    assert shown["requirements"]["currently_due"] == []
    assert (shown["charges_enabled"], shown["payouts_enabled"]) == (True, True)


def test_numbers_that_prove_an_identity_are_kept_nowhere(server: Server, client: StripeClient) -> None:
    numbers = ("078051120", "777001234", "1120")
    made = shaped(
        client.v1.accounts.create(
            {
                "business_type": "individual",
                "individual": {
                    "first_name": "Jenny",
                    "last_name": "Rosen",
                    "dob": {"day": 1, "month": 2, "year": 1990},
                    "id_number": numbers[0],
                    "id_number_secondary": numbers[1],
                    "ssn_last_4": numbers[2],
                    "relationship": {"owner": True, "percent_ownership": 12.5, "title": "Owner"},
                    "full_name_aliases": ["Jen, Rosen"],
                    "metadata": {"a": "1"},
                },
            }
        )
    )
    client.v1.accounts.update(made.id, {"individual": {"dob": "", "metadata": {"b": "2"}}})
    person = shaped(client.v1.accounts.retrieve(made.id)).to_dict()["individual"]

    assert_shape(stripe.Person, person)
    assert (person["first_name"], person["metadata"]) == ("Jenny", {"a": "1", "b": "2"})
    assert person["full_name_aliases"] == ["Jen, Rosen"]
    assert person["relationship"]["percent_ownership"] == 12.5
    assert (person["id_number_provided"], person["ssn_last_4_provided"]) == (True, True)
    assert person["dob"] is None
    events = client.v1.events.list({}, {"stripe_account": made.id})
    told = json.dumps([person, *[event.to_dict() for event in events.data]])
    assert not any(f'"{number}"' in told for number in numbers)
    if server.database.startswith("sqlite"):
        kept = b"".join(path.read_bytes() for path in server.data.rglob("*.db*"))
        assert not any(number.encode() in kept for number in numbers[:2])


def test_an_account_begins_with_its_bank_account(client: StripeClient) -> None:
    details: Any = {"bank_account": {name: value for name, value in BANK.items() if name != "object"}}
    token = client.v1.tokens.create(details)
    described = client.v1.accounts.create({"external_account": BANK})
    stood_for = client.v1.accounts.create({"external_account": token.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.create({"external_account": token.id})

    for account in (described, stood_for):
        [bank] = client.v1.accounts.external_accounts.list(account.id).data
        assert_shape(stripe.BankAccount, bank.to_dict())
        assert (bank.account, bank.default_for_currency) == (account.id, True)
    assert refusal.value.code == "token_already_used"
    assert len(client.v1.accounts.list().data) == 2


def test_a_platform_keeps_bank_accounts_without_the_header(client: StripeClient) -> None:
    made = client.v1.accounts.create({})
    first = client.v1.accounts.external_accounts.create(made.id, {"external_account": BANK})
    other: Any = {"external_account": {**BANK, "account_number": "000111111116"}}
    changed = client.v1.accounts.update(made.id, other)
    banks = {bank.last4: bank for bank in client.v1.accounts.external_accounts.list(made.id).data}
    client.v1.accounts.external_accounts.delete(made.id, first.id)

    assert changed.id == made.id
    assert banks["1116"].default_for_currency
    assert not banks["6789"].default_for_currency
    types = {event.type for event in client.v1.events.list({}, {"stripe_account": made.id}).data}
    assert {
        "account.external_account.created",
        "account.external_account.deleted",
        "account.updated",
    } <= types


def test_capabilities_are_listed_given_up_and_asked_for(client: StripeClient) -> None:
    made = client.v1.accounts.create({"capabilities": {"card_payments": {"requested": True}}})
    listed = client.v1.accounts.capabilities.list(made.id)
    for capability in listed.data:
        assert_shape(stripe.Capability, capability.to_dict())
    gone = client.v1.accounts.capabilities.update(made.id, "card_payments", {"requested": False})
    without = shaped(client.v1.accounts.retrieve(made.id))
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.charges.create(
            {"amount": 900, "currency": "usd", "source": "tok_visa"}, {"stripe_account": made.id}
        )
    back = client.v1.accounts.capabilities.update(made.id, "card_payments", {"requested": True})
    charge = client.v1.charges.create(
        {"amount": 900, "currency": "usd", "source": "tok_visa"}, {"stripe_account": made.id}
    )

    assert {capability.id: capability.status for capability in listed.data} == {
        "card_payments": "active",
        "transfers": "active",
    }
    assert (gone.status, back.status, charge.paid) == ("unrequested", "active", True)
    assert (without.charges_enabled, without.capabilities.to_dict()) == (False, {"transfers": "active"})
    assert "cannot currently make charges" in str(refusal.value)
    told = client.v1.events.list({"type": "capability.updated"}, {"stripe_account": made.id}).data
    assert [event.data.object["id"] for event in told] == ["card_payments"] * 2
    assert told[1].data.previous_attributes["status"] == "active"  # type: ignore[index]
    account = client.v1.events.list({"type": "account.updated"}, {"stripe_account": made.id}).data[-1]
    assert account.data.previous_attributes["charges_enabled"] is True  # type: ignore[index]


def test_a_rejected_account_takes_no_money(client: StripeClient) -> None:
    made = client.v1.accounts.create({})
    rejected = shaped(client.v1.accounts.reject(made.id, {"reason": "fraud_other"}))
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.charges.create(
            {"amount": 900, "currency": "usd", "source": "tok_visa"}, {"stripe_account": made.id}
        )
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": made.id})
    again = shaped(client.v1.accounts.unreject(made.id))

    assert (rejected.charges_enabled, rejected.payouts_enabled) == (False, False)
    assert rejected.requirements.disabled_reason == "rejected.fraud"
    assert refusal.value.code == "payouts_not_allowed"
    assert (again.charges_enabled, again.payouts_enabled) == (True, True)


def test_a_deleted_account_is_gone_with_its_keys(server: Server, client: StripeClient) -> None:
    made = client.v1.accounts.create({"email": "gone@gone.example"})
    kept = client.v1.accounts.create({})
    told = json.loads(server.payments("keys", "create", "--account", made.id, "--json"))
    theirs = server.stripe(told["key"])
    assert theirs.v1.accounts.retrieve_current().id == made.id

    answer = client.v1.accounts.delete(made.id)

    assert answer.to_dict() == {"id": made.id, "object": "account", "deleted": True}
    assert [account.id for account in client.v1.accounts.list().data] == [kept.id]
    with pytest.raises(stripe.AuthenticationError):
        theirs.v1.accounts.retrieve_current()
    with pytest.raises(stripe.PermissionError):
        client.v1.customers.list({}, {"stripe_account": made.id})
    calls: Any = (client.v1.accounts.retrieve, client.v1.accounts.delete)
    for call in calls:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            call(made.id)
        assert refusal.value.http_status == 404


def test_nobody_deletes_or_rejects_their_own_account(client: StripeClient, keys: Keys) -> None:
    with pytest.raises(stripe.InvalidRequestError) as not_deleted:
        client.v1.accounts.delete(keys.account)
    with pytest.raises(stripe.InvalidRequestError) as not_rejected:
        client.v1.accounts.reject(keys.account, {"reason": "other"})

    assert (not_deleted.value.http_status, not_rejected.value.http_status) == (400, 400)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"documents": {"company_license": {"files": ["file_1"]}}}, "documents[company_license]"),
        ({"groups": {"payments_pricing": "x"}}, "groups[payments_pricing]"),
        ({"account_token": "ct_1"}, "account_token"),
        ({"individual": {"verification": {"document": {"front": "file_1"}}}}, "individual[verification][document]"),
        ({"capabilities": {"klarna_payments": {"requested": True}}}, "capabilities[klarna_payments]"),
        ({"settings": {"treasury": {}, "payouts": {"debit_negative_balances": True}}}, None),
        ({"settings": {"card_payments": {"decline_on": {"cvc_failure": True}}}}, "settings[card_payments][decline_on][cvc_failure]"),
        ({"business_profile": {"mcc": "12"}}, "business_profile[mcc]"),
        ({"external_account": "tok_visa"}, "external_account"),
        ({"individual": {"first_name": "4242424242424242"}}, "individual[first_name]"),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_refused_by_name(
    client: StripeClient, params: Any, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.create(params)

    assert param is None or refusal.value.param == param
    assert client.v1.accounts.list().data == []


def test_a_controller_is_kept_and_shown(client: StripeClient, keys: Keys) -> None:
    agreed: Any = {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "requirement_collection": "application",
        "stripe_dashboard": {"type": "none"},
    }
    made = shaped(client.v1.accounts.create({"controller": agreed}))
    express = shaped(client.v1.accounts.create({"type": "express"}))

    assert made.to_dict()["controller"] == {**agreed, "is_controller": True, "type": "application"}
    assert (made.type, express.type) == ("none", "express")
    assert express.controller.stripe_dashboard.type == "express"
    assert client.v1.accounts.retrieve(keys.account).to_dict()["controller"] == {"type": "account"}


def test_an_interrupted_request_is_answered_once(client: StripeClient) -> None:
    made = client.v1.accounts.create({})
    options: Any = {"idempotency_key": "change"}
    told = [client.v1.accounts.update(made.id, {"metadata": {"n": "1"}}, options) for _ in range(2)]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.accounts.update(made.id, {"metadata": {"n": "2"}}, options)

    assert [account.to_dict()["metadata"] for account in told] == [{"n": "1"}] * 2
    events = client.v1.events.list({"type": "account.updated"}, {"stripe_account": made.id})
    assert len(events.data) == 1
