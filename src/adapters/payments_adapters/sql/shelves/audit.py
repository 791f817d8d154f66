"""How the audit log is kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.platform.audit import AuditHead, AuditRecord

AUDIT_HEADS: Final = shelf(AuditHead, "audit_head")
AUDIT_RECORDS: Final = shelf(AuditRecord, "audit_record", "aud")
