"""Holds, charges, refunds: how money is asked for, taken and given back."""
