//! Places in lists that are in the order of time.

use jiff::Timestamp;

/// A place in a list that is in the order of time, of things that have ids of 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<Id> {
    /// When.
    pub at: Timestamp,
    /// Which of those of that microsecond.
    pub id: Id,
}

impl<Id: Into<[u8; 16]> + From<[u8; 16]>> Place<Id> {
    /// As a cursor.
    pub fn written(self) -> String {
        let id: [u8; 16] = self.id.into();
        format!("{}{}", hex::encode(self.at.as_microsecond().to_be_bytes()), hex::encode(id))
    }

    /// Reads what [`Place::written`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 24];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = Timestamp::from_microsecond(i64::from_be_bytes(*at)).ok()?;
        let id: [u8; 16] = id.try_into().ok()?;
        Some(Self { at, id: id.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AuditId;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_reads_back(micros in 0i64..4_000_000_000_000_000, id: [u8; 16]) {
            let at = Timestamp::from_microsecond(micros).unwrap();
            let place = Place { at, id: AuditId::from_random(id) };
            prop_assert_eq!(Place::read(&place.written()), Some(place));
        }

        #[test]
        fn what_is_no_place_is_none(text in ".{0,60}") {
            prop_assert!(Place::<AuditId>::read(&text).is_none_or(|place| place.written() == text.to_lowercase()));
        }
    }
}
