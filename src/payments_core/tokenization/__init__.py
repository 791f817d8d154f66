"""Cards and what stands for them: numbers with masks, tokens, payment methods. No cryptography."""
