//! Many small records in one blob.
//!
//! A store bills by the item and WhatsApp has hundreds of records of a few dozen bytes; so they go together. The layout is
//! one byte of version and then, for each record in key order, the key (two bytes of length, big-endian) and the value
//! (four bytes of length).

use std::collections::BTreeMap;
use wacore::store::error::{Result, StoreError};

const VERSION: u8 = 1;

/// The records of one blob.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Packed(pub(crate) BTreeMap<Vec<u8>, Vec<u8>>);

impl Packed {
    /// Reads a blob; none is no records.
    pub(crate) fn read(blob: Option<&[u8]>) -> Result<Self> {
        let Some(blob) = blob else { return Ok(Self::default()) };
        Self::parse(blob).ok_or_else(|| StoreError::Validation("a packed blob is damaged".into()))
    }

    fn parse(blob: &[u8]) -> Option<Self> {
        let (&version, mut rest) = blob.split_first()?;
        if version != VERSION {
            return None;
        }
        let mut records = BTreeMap::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (key, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (length, after) = after.split_first_chunk::<4>()?;
            let (value, after) = after.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)?;
            records.insert(key.to_vec(), value.to_vec());
            rest = after;
        }
        Some(Self(records))
    }

    /// The blob.
    pub(crate) fn write(&self) -> Result<Vec<u8>> {
        let too_long = || StoreError::Validation("a record is too long to pack".into());
        let mut blob = vec![VERSION];
        for (key, value) in &self.0 {
            blob.extend_from_slice(&u16::try_from(key.len()).map_err(|_| too_long())?.to_be_bytes());
            blob.extend_from_slice(key);
            blob.extend_from_slice(&u32::try_from(value.len()).map_err(|_| too_long())?.to_be_bytes());
            blob.extend_from_slice(value);
        }
        Ok(blob)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(records in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 0..40), prop::collection::vec(any::<u8>(), 0..80), 0..20)
        ) {
            let packed = Packed(records);
            let blob = packed.write().unwrap();
            prop_assert_eq!(Packed::read(Some(&blob)).unwrap(), packed);
        }

        #[test]
        fn damage_is_an_error_and_never_a_panic(blob in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Packed::read(Some(&blob));
        }
    }

    #[test]
    fn a_cut_blob_is_damaged() {
        let blob = Packed(BTreeMap::from([(vec![1], vec![2, 3])])).write().unwrap();
        for end in 2..blob.len() {
            assert!(Packed::read(Some(&blob[..end])).is_err(), "cut at {end}");
        }
    }
}
