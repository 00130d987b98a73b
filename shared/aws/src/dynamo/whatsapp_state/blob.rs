//! Blobs as items, whole or in parts.

use crate::dynamo::item::{Damaged, Item, b, n};
use carteiro_core::ports::StateError;
use std::collections::HashMap;

/// The most bytes of a blob in one item. An item holds 400 KB with its keys and names.
pub(super) const MAX_IN_ITEM: usize = 300 * 1024;
/// The byte before the content of a blob that is kept as it is.
const AS_IT_IS: u8 = 0;

/// How a blob is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Which of the two sets of part keys is in use.
    pub(super) generation: u8,
    /// How many parts there are.
    pub(super) parts: u16,
}

/// What the sort keys of blobs begin with.
pub(super) const BLOBS: &str = "B#";
/// What the sort keys of their parts begin with.
pub(super) const PARTS: &str = "P#";

/// The sort key of a blob.
pub(super) fn blob_sk(key: &str) -> String {
    format!("{BLOBS}{key}")
}

/// The sort key of a part. The suffix has one length, so no two parts share a key.
pub(super) fn part_sk(key: &str, generation: u8, part: u16) -> String {
    format!("{PARTS}{key}#{generation}#{part:04}")
}

/// A blob's content with the byte that says how it is kept.
pub(super) fn wrap(content: &[u8]) -> Vec<u8> {
    let mut wrapped = Vec::with_capacity(content.len() + 1);
    wrapped.push(AS_IT_IS);
    wrapped.extend_from_slice(content);
    wrapped
}

/// The content of what [`wrap`] made.
pub(super) fn unwrap(mut wrapped: Vec<u8>) -> Result<Vec<u8>, StateError> {
    match wrapped.first() {
        Some(&AS_IT_IS) => {
            wrapped.remove(0);
            Ok(wrapped)
        }
        Some(version) => Err(StateError::Damaged(format!("a blob of the unknown form {version}"))),
        None => Err(StateError::Damaged("an empty blob".to_owned())),
    }
}

/// An item with bytes.
pub(super) fn data_item(pk: &str, sk: String, data: &[u8]) -> Item {
    Item::new(pk, sk).with("data", b(data))
}

/// The item of a blob that is in parts.
pub(super) fn split_item(pk: &str, key: &str, split: Split) -> Item {
    Item::new(pk, blob_sk(key)).with("generation", n(split.generation)).with("parts", n(split.parts))
}

/// How the blob of an item is split, if it is.
pub(super) fn split(item: &Item) -> Result<Option<Split>, StateError> {
    let Some(parts) = item.some_number("parts").map_err(damaged)? else { return Ok(None) };
    Ok(Some(Split { generation: item.number("generation").map_err(damaged)?, parts }))
}

/// The split blobs that a head lists, by key: `<generation>:<parts>`.
pub(super) fn splits(head: &Item) -> Result<HashMap<String, Split>, StateError> {
    let Some(map) = head.0.get("split").and_then(|v| v.as_m().ok()) else {
        return Err(StateError::Damaged("the head has no `split`".to_owned()));
    };
    let read = |text: &str| {
        let (generation, parts) = text.split_once(':')?;
        Some(Split { generation: generation.parse().ok()?, parts: parts.parse().ok()? })
    };
    map.iter()
        .map(|(key, value)| {
            let split =
                value.as_s().ok().and_then(|text| read(text)).ok_or_else(|| damaged(Damaged("split")))?;
            Ok((key.clone(), split))
        })
        .collect()
}

/// A split as the head lists it.
pub(super) fn listed(split: Split) -> String {
    format!("{}:{}", split.generation, split.parts)
}

/// Damage, as the port tells it.
pub(super) fn damaged(damaged: Damaged) -> StateError {
    StateError::Damaged(damaged.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_keys_never_collide() {
        assert_ne!(part_sk("a", 0, 1), part_sk("a#0", 0, 1));
        assert_ne!(part_sk("a#0", 0, 1), part_sk("a", 0, 10_001 % 10_000));
        assert!(part_sk(&"k".repeat(900), 1, 9_999).len() <= 1_024);
    }

    #[test]
    fn content_unwraps_to_itself() {
        for content in [&[][..], &[0], &[1, 2, 3]] {
            assert_eq!(unwrap(wrap(content)).unwrap(), content);
        }
        assert!(matches!(unwrap(vec![9, 1]), Err(StateError::Damaged(_))));
        assert!(matches!(unwrap(vec![]), Err(StateError::Damaged(_))));
    }
}
