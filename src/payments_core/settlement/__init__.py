"""From captured charge to the merchant's bank."""
