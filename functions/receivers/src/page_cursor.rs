//! Where a page of deliveries goes on. A cursor names a time and an event, and is good in the pages of its own tenant only,
//! since those hold nobody else's: there is nothing in it to sign.

use carteiro_core::error::Code;
use carteiro_core::ids::EventId;
use carteiro_core::webhook::DeliveryKey;
use carteiro_http::{ApiError, QueryFields};
use jiff::Timestamp;

/// Microseconds, and the id.
const BYTES: usize = 8 + 16;

/// Writes a cursor.
pub(crate) fn written(key: &DeliveryKey) -> String {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(&key.published_at.as_microsecond().to_be_bytes());
    bytes[8..].copy_from_slice(key.event.as_bytes());
    hex::encode(bytes)
}

/// The cursor of a query.
pub(crate) fn given(query: &QueryFields) -> Result<Option<DeliveryKey>, ApiError> {
    let Some(text) = query.optional::<String>("cursor")? else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| ApiError::new(Code::InvalidCursor))
}

fn read(text: &str) -> Option<DeliveryKey> {
    let bytes: [u8; BYTES] = hex::decode(text).ok()?.try_into().ok()?;
    let (micros, event) = bytes.split_first_chunk::<8>()?;
    let published_at = Timestamp::from_microsecond(i64::from_be_bytes(*micros)).ok()?;
    Some(DeliveryKey { published_at, event: EventId::from_bytes(event.try_into().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let key = DeliveryKey {
            published_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(),
            event: EventId::from_random([7; 16]),
        };
        assert_eq!(read(&written(&key)), Some(key));
        for text in ["", "00", "zz", &"f".repeat(47), &"f".repeat(50), &"7f".repeat(24)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
