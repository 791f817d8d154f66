"""E-mail: letters over SMTP, or as files in an outbox folder."""
