"""What the pages say, in the languages they know, and which language and region a reader gets. English fills every gap."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
from babel import Locale, UnknownLocaleError

ENGLISH: Final[Mapping[str, str]] = {
    "pay_to": "Pay {merchant}",
    "save_for": "Save a card for {merchant}",
    "donate_to": "Donate to {merchant}",
    "back": "Back to {merchant}",
    "test_mode": "Test mode",
    "test_hint": "No money moves. Pay with 4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242, any future date and any code.",
    "order": "Order summary",
    "subtotal": "Subtotal",
    "shipping": "Shipping",
    "total": "Total due",
    "free": "Free",
    "each": "{amount} each",
    "quantity": "Qty {count}",
    "contact": "Contact",
    "email": "Email",
    "phone": "Phone",
    "delivery": "Delivery",
    "delivery_method": "Delivery method",
    "full_name": "Full name",
    "country": "Country or region",
    "line1": "Address",
    "line2": "Apartment, floor, etc. (optional)",
    "city": "City",
    "state": "State or region",
    "state_optional": "State or region (optional)",
    "postal_code": "Postal code",
    "postal_code_optional": "Postal code (optional)",
    "payment": "Payment",
    "billing": "Billing address",
    "card": "Card",
    "card_number": "Card number",
    "expiry": "Expiry (MM / YY)",
    "expiry_mask": "MM / YY",
    "cvc": "Security code",
    "cvc_where": "3 digits on the back of the card",
    "cvc_where_amex": "4 digits on the front of the card",
    "card_name": "Name on card",
    "pay": "Pay {amount}",
    "donate": "Donate {amount}",
    "book": "Book for {amount}",
    "save": "Save card",
    "finish": "Complete order",
    "processing": "Processing…",
    "secure": "Your card number goes straight to the vault of this payment service. {merchant} never sees it.",
    "save_note": "Nothing is charged now. {merchant} may charge this card later, as you agreed with them.",
    "keep_note": "{merchant} keeps this card for later payments, as you agreed with them.",
    "check": "Please check these fields",
    "required": "Please fill this in.",
    "bad_email": "This email address is not complete.",
    "bad_number": "This card number is not right. Please check the digits.",
    "short_number": "This card number is not complete.",
    "bad_expiry": "This date is not complete.",
    "past_expiry": "This card has expired.",
    "bad_cvc": "This security code is not complete.",
    "trouble": "The payment service cannot be reached. Check your connection and try again: nothing was charged twice.",
    "under_way": "Your payment is being processed. This page goes on by itself.",
    "still_under_way": "This takes longer than usual. You can close this page: the shop will tell you how it ended.",
    "changed": "The total has changed since you opened this page. Please look at it again.",
    "challenge_left": "Your bank’s check was not finished, so nothing was charged. Try again, or use another card.",
    "challenge_failed": "Your bank could not confirm that it is you, so nothing was charged. Try again, or use another card.",
    "done_title": "Payment complete",
    "done_text": "Thank you. {merchant} has received your order.",
    "saved_title": "Card saved",
    "saved_text": "{merchant} can use it from now on. Nothing was charged.",
    "go_on": "Continue to {merchant}",
    "expired_title": "This page has timed out",
    "expired_text": "Nothing was charged. Go back to {merchant} to start again.",
    "unready_title": "Nothing to pay yet",
    "unready_text": "{merchant} has not finished preparing this order. Try again in a moment.",
    "unknown_title": "This link does not work",
    "unknown_text": "Please check the address, or ask the shop for a new link.",
    "no_script": "This page needs JavaScript, so that your card number goes to the vault and nowhere else.",
    "powered": "Secured by Payments",
    "subscribe_to": "Subscribe to {merchant}",
    "subscribe": "Subscribe",
    "per_day": "every day",
    "per_week": "every week",
    "per_month": "every month",
    "per_year": "every year",
    "every_day": "every {count} days",
    "every_week": "every {count} weeks",
    "every_month": "every {count} months",
    "every_year": "every {count} years",
    "trial": "{count} days free first",
    "how_many": "Quantity of {name}",
    "promotion": "Promotion code",
    "apply": "Apply",
    "remove": "Remove {code}",
    "bad_code": "This code is not valid.",
    "discount": "Discount",
    "tax": "Tax",
    "new_total": "The new total is {total}.",
}

GERMAN: Final[Mapping[str, str]] = {
    "pay_to": "{merchant} bezahlen",
    "save_for": "Karte für {merchant} speichern",
    "donate_to": "An {merchant} spenden",
    "back": "Zurück zu {merchant}",
    "test_mode": "Testmodus",
    "test_hint": "Es fließt kein Geld. Zahlen Sie mit 4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242, einem Datum in der Zukunft und beliebiger Prüfziffer.",
    "order": "Bestellübersicht",
    "subtotal": "Zwischensumme",
    "shipping": "Versand",
    "total": "Gesamtbetrag",
    "free": "Kostenlos",
    "each": "je {amount}",
    "quantity": "Menge {count}",
    "contact": "Kontakt",
    "email": "E-Mail",
    "phone": "Telefon",
    "delivery": "Lieferung",
    "delivery_method": "Versandart",
    "full_name": "Vollständiger Name",
    "country": "Land oder Region",
    "line1": "Straße und Hausnummer",
    "line2": "Adresszusatz (optional)",
    "city": "Ort",
    "state": "Bundesland oder Region",
    "state_optional": "Bundesland oder Region (optional)",
    "postal_code": "Postleitzahl",
    "postal_code_optional": "Postleitzahl (optional)",
    "payment": "Zahlung",
    "billing": "Rechnungsadresse",
    "card": "Karte",
    "card_number": "Kartennummer",
    "expiry": "Gültig bis (MM / JJ)",
    "expiry_mask": "MM / JJ",
    "cvc": "Prüfziffer",
    "cvc_where": "3 Ziffern auf der Rückseite der Karte",
    "cvc_where_amex": "4 Ziffern auf der Vorderseite der Karte",
    "card_name": "Name auf der Karte",
    "pay": "{amount} bezahlen",
    "donate": "{amount} spenden",
    "book": "Für {amount} buchen",
    "save": "Karte speichern",
    "finish": "Bestellung abschließen",
    "processing": "Wird verarbeitet …",
    "secure": "Ihre Kartennummer geht direkt in den Tresor dieses Zahlungsdienstes. {merchant} sieht sie nie.",
    "save_note": "Jetzt wird nichts abgebucht. {merchant} darf diese Karte später belasten, wie mit Ihnen vereinbart.",
    "keep_note": "{merchant} behält diese Karte für spätere Zahlungen, wie mit Ihnen vereinbart.",
    "check": "Bitte prüfen Sie diese Felder",
    "required": "Bitte füllen Sie dieses Feld aus.",
    "bad_email": "Diese E-Mail-Adresse ist nicht vollständig.",
    "bad_number": "Diese Kartennummer stimmt nicht. Bitte prüfen Sie die Ziffern.",
    "short_number": "Diese Kartennummer ist nicht vollständig.",
    "bad_expiry": "Dieses Datum ist nicht vollständig.",
    "past_expiry": "Diese Karte ist abgelaufen.",
    "bad_cvc": "Diese Prüfziffer ist nicht vollständig.",
    "trouble": "Der Zahlungsdienst ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es erneut: Nichts wird doppelt abgebucht.",
    "under_way": "Ihre Zahlung wird verarbeitet. Diese Seite geht von selbst weiter.",
    "still_under_way": "Das dauert länger als sonst. Sie können die Seite schließen: Der Shop meldet sich.",
    "changed": "Der Betrag hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte prüfen Sie ihn.",
    "challenge_left": "Die Prüfung Ihrer Bank wurde nicht beendet, es wurde nichts abgebucht. Versuchen Sie es erneut oder mit einer anderen Karte.",
    "challenge_failed": "Ihre Bank konnte Sie nicht bestätigen, es wurde nichts abgebucht. Versuchen Sie es erneut oder mit einer anderen Karte.",
    "done_title": "Zahlung abgeschlossen",
    "done_text": "Vielen Dank. {merchant} hat Ihre Bestellung erhalten.",
    "saved_title": "Karte gespeichert",
    "saved_text": "{merchant} kann sie ab jetzt verwenden. Es wurde nichts abgebucht.",
    "go_on": "Weiter zu {merchant}",
    "expired_title": "Diese Seite ist abgelaufen",
    "expired_text": "Es wurde nichts abgebucht. Gehen Sie zurück zu {merchant} und beginnen Sie neu.",
    "unready_title": "Noch nichts zu bezahlen",
    "unready_text": "{merchant} bereitet diese Bestellung noch vor. Versuchen Sie es gleich noch einmal.",
    "unknown_title": "Dieser Link funktioniert nicht",
    "unknown_text": "Bitte prüfen Sie die Adresse oder bitten Sie den Shop um einen neuen Link.",
    "no_script": "Diese Seite braucht JavaScript, damit Ihre Kartennummer in den Tresor geht und sonst nirgendwohin.",
    "powered": "Gesichert durch Payments",
    "subscribe_to": "{merchant} abonnieren",
    "subscribe": "Abonnieren",
    "per_day": "jeden Tag",
    "per_week": "jede Woche",
    "per_month": "jeden Monat",
    "per_year": "jedes Jahr",
    "every_day": "alle {count} Tage",
    "every_week": "alle {count} Wochen",
    "every_month": "alle {count} Monate",
    "every_year": "alle {count} Jahre",
    "trial": "zuerst {count} Tage kostenlos",
    "how_many": "Menge von {name}",
    "promotion": "Aktionscode",
    "apply": "Einlösen",
    "remove": "{code} entfernen",
    "bad_code": "Dieser Code gilt nicht.",
    "discount": "Rabatt",
    "tax": "Steuern",
    "new_total": "Der neue Gesamtbetrag ist {total}.",
}

FRENCH: Final[Mapping[str, str]] = {
    "pay_to": "Payer {merchant}",
    "save_for": "Enregistrer une carte pour {merchant}",
    "donate_to": "Faire un don à {merchant}",
    "back": "Retour à {merchant}",
    "test_mode": "Mode test",
    "test_hint": "Aucun débit réel. Payez avec 4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242\N{NO-BREAK SPACE}4242, une date future et un code quelconque.",
    "order": "Récapitulatif",
    "subtotal": "Sous-total",
    "shipping": "Livraison",
    "total": "Total à payer",
    "free": "Gratuit",
    "each": "{amount} l’unité",
    "quantity": "Qté {count}",
    "contact": "Contact",
    "email": "E-mail",
    "phone": "Téléphone",
    "delivery": "Livraison",
    "delivery_method": "Mode de livraison",
    "full_name": "Nom complet",
    "country": "Pays ou région",
    "line1": "Adresse",
    "line2": "Complément d’adresse (facultatif)",
    "city": "Ville",
    "state": "Région",
    "state_optional": "Région (facultatif)",
    "postal_code": "Code postal",
    "postal_code_optional": "Code postal (facultatif)",
    "payment": "Paiement",
    "billing": "Adresse de facturation",
    "card": "Carte",
    "card_number": "Numéro de carte",
    "expiry": "Expiration (MM / AA)",
    "expiry_mask": "MM / AA",
    "cvc": "Code de sécurité",
    "cvc_where": "3 chiffres au dos de la carte",
    "cvc_where_amex": "4 chiffres au recto de la carte",
    "card_name": "Nom sur la carte",
    "pay": "Payer {amount}",
    "donate": "Donner {amount}",
    "book": "Réserver pour {amount}",
    "save": "Enregistrer la carte",
    "finish": "Terminer la commande",
    "processing": "Traitement en cours…",
    "secure": "Votre numéro de carte va directement au coffre de ce service de paiement. {merchant} ne le voit jamais.",
    "save_note": "Rien n’est débité maintenant. {merchant} pourra débiter cette carte plus tard, comme convenu.",
    "keep_note": "{merchant} conserve cette carte pour de futurs paiements, comme convenu.",
    "check": "Veuillez vérifier ces champs",
    "required": "Veuillez remplir ce champ.",
    "bad_email": "Cette adresse e-mail est incomplète.",
    "bad_number": "Ce numéro de carte est incorrect. Vérifiez les chiffres.",
    "short_number": "Ce numéro de carte est incomplet.",
    "bad_expiry": "Cette date est incomplète.",
    "past_expiry": "Cette carte a expiré.",
    "bad_cvc": "Ce code de sécurité est incomplet.",
    "trouble": "Le service de paiement est injoignable. Vérifiez votre connexion et réessayez : rien n’est débité deux fois.",
    "under_way": "Votre paiement est en cours. Cette page continue d’elle-même.",
    "still_under_way": "C’est plus long que d’habitude. Vous pouvez fermer cette page : la boutique vous informera.",
    "changed": "Le total a changé depuis l’ouverture de cette page. Veuillez le vérifier.",
    "challenge_left": "La vérification de votre banque n’est pas terminée, rien n’a été débité. Réessayez ou changez de carte.",
    "challenge_failed": "Votre banque n’a pas pu vous identifier, rien n’a été débité. Réessayez ou changez de carte.",
    "done_title": "Paiement effectué",
    "done_text": "Merci. {merchant} a bien reçu votre commande.",
    "saved_title": "Carte enregistrée",
    "saved_text": "{merchant} peut désormais l’utiliser. Rien n’a été débité.",
    "go_on": "Continuer vers {merchant}",
    "expired_title": "Cette page a expiré",
    "expired_text": "Rien n’a été débité. Retournez chez {merchant} pour recommencer.",
    "unready_title": "Rien à payer pour l’instant",
    "unready_text": "{merchant} prépare encore cette commande. Réessayez dans un instant.",
    "unknown_title": "Ce lien ne fonctionne pas",
    "unknown_text": "Vérifiez l’adresse ou demandez un nouveau lien à la boutique.",
    "no_script": "Cette page a besoin de JavaScript, pour que votre numéro de carte aille au coffre et nulle part ailleurs.",
    "powered": "Sécurisé par Payments",
    "subscribe_to": "S’abonner à {merchant}",
    "subscribe": "S’abonner",
    "per_day": "chaque jour",
    "per_week": "chaque semaine",
    "per_month": "chaque mois",
    "per_year": "chaque année",
    "every_day": "tous les {count} jours",
    "every_week": "toutes les {count} semaines",
    "every_month": "tous les {count} mois",
    "every_year": "tous les {count} ans",
    "trial": "d’abord {count} jours gratuits",
    "how_many": "Quantité de {name}",
    "promotion": "Code promo",
    "apply": "Appliquer",
    "remove": "Retirer {code}",
    "bad_code": "Ce code n’est pas valable.",
    "discount": "Remise",
    "tax": "Taxes",
    "new_total": "Le nouveau total est de {total}.",
}

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
_TAG: Final = re.compile(
    r"([a-zA-Z]{2,3})(?:-([a-zA-Z]{4}))?(?:-([a-zA-Z]{2}|[0-9]{3}))?\s*(?:;\s*q=([0-9.]+))?\Z"
)
TAGS_MAX: Final = 10


@attrs.frozen
class Tongue:
    """A language for words and a locale for amounts and names of countries."""

    language: str
    locale: Locale

    @classmethod
    def of(cls, told: str | None, accepted: str) -> "Tongue":
        """From the session's locale, or what the browser asks for."""
        tags = [told] if told and told != "auto" else preferred(accepted)
        for tag in tags:
            locale = _locale(tag)
            if locale is not None and locale.language in LANGUAGES:
                return cls(locale.language, locale)
        return cls("en", _locale(tags[0] if tags and tags[0].startswith("en") else "en-US") or Locale("en"))

    def say(self, word: str, **filled: str) -> str:
        """A phrase, with its blanks filled."""
        phrase = LANGUAGES[self.language].get(word) or ENGLISH[word]
        return phrase.format(**filled) if filled else phrase

    def phrases(self, words: Sequence[str]) -> dict[str, str]:
        """Several phrases, blanks and all, for scripts."""
        return {word: self.say(word) for word in words}

    def countries(self, only: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Countries by code and name, in the order of the names."""
        names = {str(code): str(name) for code, name in self.locale.territories.items()}
        wanted = only or [code for code in names if len(code) == 2 and code not in _NO_COUNTRY]
        return sorted(((code, names.get(code, code)) for code in wanted), key=lambda pair: pair[1].casefold())


_NO_COUNTRY: Final = frozenset(
    {"EU", "EZ", "UN", "XA", "XB", "QO", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}
)


def preferred(accepted: str) -> list[str]:
    """The tags of an `Accept-Language` header, the most wanted first; what cannot be read is left out."""
    found: list[tuple[float, str]] = []
    for part in accepted.split(",")[:TAGS_MAX]:
        match = _TAG.match(part.strip())
        if match is None:
            continue
        tag = "-".join(piece for piece in (match[1], match[2], match[3]) if piece)
        try:
            weight = float(match[4]) if match[4] else 1.0
        except ValueError:
            continue
        found.append((weight, tag))
    return [tag for _, tag in sorted(found, key=lambda pair: -pair[0])]


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        language = tag.partition("-")[0]
        return Locale(language) if language in LANGUAGES else None
