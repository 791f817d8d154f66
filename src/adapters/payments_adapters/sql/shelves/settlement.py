"""How settlement batches, their chunks and their exceptions are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.settlement.batches import BatchChunk, SettlementBatch, SettlementException

SETTLEMENT_BATCHES: Final = shelf(
    SettlementBatch, "settlement_batch", "batch", columns=(text("day"), text("state")), order="created"
)
BATCH_CHUNKS: Final = shelf(BatchChunk, "batch_chunk", "chunk")
SETTLEMENT_EXCEPTIONS: Final = shelf(
    SettlementException, "settlement_exception", "sx", columns=(text("batch", indexed=True), text("status"))
)
