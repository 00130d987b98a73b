//! Cutting a batch of writes into fenced transactions.

use super::HEAD;
use super::blob::{MAX_IN_ITEM, Split, blob_sk, data_item, listed, part_sk, split_item, wrap};
use super::open_state::still;
use crate::dynamo::item::{n, s};
use crate::dynamo::transaction::MAX_WRITES;
use crate::dynamo::write::Write;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::{StateError, StateWrite};
use std::collections::{HashMap, HashSet};

/// The most blobs of one transaction.
const MAX_BLOBS: usize = 40;
/// The most bytes of one transaction: DynamoDB takes 4 MB, and so much stays below it even in the base64 that carries it.
const MAX_BYTES: usize = 2_800_000;

/// One transaction; its first write checks the head.
pub(super) struct Group {
    /// The writes.
    pub(super) writes: Vec<Write>,
    /// How blobs are split once it is made.
    pub(super) splits: Vec<(String, Option<Split>)>,
}

/// Cuts writes, in their order, into transactions.
pub(super) fn groups(
    pk: &str,
    epoch: Epoch,
    writes: Vec<StateWrite>,
    splits: &HashMap<String, Split>,
) -> Result<Vec<Group>, StateError> {
    let mut cutter = Cutter { pk, epoch, splits: splits.clone(), groups: Vec::new(), open: Open::default() };
    for write in writes {
        match write {
            StateWrite::Put(key, content) => cutter.put(key.as_str(), &wrap(&content))?,
            StateWrite::Delete(key) => cutter.delete(key.as_str()),
        }
    }
    cutter.close();
    Ok(cutter.groups)
}

/// A group of whole blobs that is being filled.
#[derive(Default)]
struct Open {
    writes: Vec<Write>,
    keys: HashSet<String>,
    bytes: usize,
}

struct Cutter<'a> {
    pk: &'a str,
    epoch: Epoch,
    splits: HashMap<String, Split>,
    groups: Vec<Group>,
    open: Open,
}

impl Cutter<'_> {
    fn put(&mut self, key: &str, wrapped: &[u8]) -> Result<(), StateError> {
        let old = self.splits.get(key).copied();
        if wrapped.len() > MAX_IN_ITEM {
            return self.put_in_parts(key, wrapped, old);
        }
        let write = Write::put(data_item(self.pk, blob_sk(key), wrapped));
        match old {
            None => self.add(key, write, wrapped.len()),
            Some(old) => self.turn(key, write, Some(old), None),
        }
        Ok(())
    }

    fn delete(&mut self, key: &str) {
        let write = Write::delete(self.pk, blob_sk(key));
        match self.splits.get(key).copied() {
            None => self.add(key, write, 0),
            Some(old) => self.turn(key, write, Some(old), None),
        }
    }

    /// Adds a write of a whole blob to the open group, or to a new one when it does not fit or the group has the blob.
    fn add(&mut self, key: &str, write: Write, bytes: usize) {
        let bytes = bytes + 2 * key.len() + 100;
        let full = self.open.writes.len() == MAX_BLOBS || self.open.bytes + bytes > MAX_BYTES;
        if full || self.open.keys.contains(key) {
            self.close();
        }
        self.open.keys.insert(key.to_owned());
        self.open.writes.push(write);
        self.open.bytes += bytes;
    }

    /// Ends the open group.
    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.push_checked(open.writes);
    }

    fn push_checked(&mut self, writes: Vec<Write>) {
        if !writes.is_empty() {
            let writes = std::iter::once(still(self.pk, self.epoch)).chain(writes).collect();
            self.groups.push(Group { writes, splits: Vec::new() });
        }
    }

    /// Writes the parts under the generation that is not in use, and then turns the blob's item to them.
    fn put_in_parts(&mut self, key: &str, wrapped: &[u8], old: Option<Split>) -> Result<(), StateError> {
        let parts: Vec<&[u8]> = wrapped.chunks(MAX_IN_ITEM).collect();
        let count = u16::try_from(parts.len()).ok().filter(|count| *count <= 9_999);
        let count = count.ok_or_else(|| StateError::Unavailable("the blob is too large".to_owned()))?;
        let new = Split { generation: old.map_or(0, |old| 1 - old.generation.min(1)), parts: count };
        self.close();
        for (number, chunk) in
            (0..).step_by(MAX_BYTES / MAX_IN_ITEM).zip(parts.chunks(MAX_BYTES / MAX_IN_ITEM))
        {
            let item = |(part, data): (u16, &&[u8])| {
                Write::put(data_item(self.pk, part_sk(key, new.generation, part), data))
            };
            let writes = (number..).zip(chunk).map(item).collect();
            self.push_checked(writes);
        }
        self.turn(key, Write::put(split_item(self.pk, key, new)), old, Some(new));
        Ok(())
    }

    /// Writes a blob's item together with the head's list of split blobs, and deletes the parts that it had.
    fn turn(&mut self, key: &str, write: Write, old: Option<Split>, new: Option<Split>) {
        self.close();
        let head = match new {
            Some(new) => {
                Write::update(self.pk, HEAD, "SET #split.#key = :split").value(":split", s(listed(new)))
            }
            None => Write::update(self.pk, HEAD, "REMOVE #split.#key"),
        };
        let head = head.name("#key", key).when("#epoch = :epoch").value(":epoch", n(self.epoch.get()));
        let mut old_parts = Vec::new();
        if let Some(old) = old {
            let delete = |part| Write::delete(self.pk, part_sk(key, old.generation, part));
            old_parts.extend((0..old.parts).map(delete));
        }
        let later = old_parts.split_off(old_parts.len().min(MAX_WRITES - 2));
        let writes = [head, write].into_iter().chain(old_parts).collect();
        self.groups.push(Group { writes, splits: vec![(key.to_owned(), new)] });
        for chunk in later.chunks(MAX_WRITES - 1) {
            self.push_checked(chunk.to_vec());
        }
        match new {
            Some(new) => self.splits.insert(key.to_owned(), new),
            None => self.splits.remove(key),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::ports::StateKey;

    fn put(key: &str, len: usize) -> StateWrite {
        StateWrite::Put(StateKey::new(key).unwrap(), vec![7; len])
    }

    fn sizes(writes: Vec<StateWrite>, splits: &HashMap<String, Split>) -> Vec<usize> {
        let groups = groups("P", Epoch::FIRST, writes, splits).unwrap();
        groups.iter().map(|group| group.writes.len()).collect()
    }

    #[test]
    fn forty_blobs_go_in_one_transaction_with_the_check() {
        let none = HashMap::new();
        assert_eq!(sizes((0..40).map(|i| put(&format!("k{i}"), 10)).collect(), &none), [41]);
        assert_eq!(sizes((0..41).map(|i| put(&format!("k{i}"), 10)).collect(), &none), [41, 2]);
        assert!(sizes(vec![], &none).is_empty());
    }

    #[test]
    fn a_transaction_has_one_write_of_a_blob_and_bounded_bytes() {
        let none = HashMap::new();
        assert_eq!(sizes(vec![put("a", 1), put("b", 1), put("a", 2)], &none), [3, 2]);
        assert_eq!(sizes((0..12).map(|i| put(&format!("k{i}"), 300_000)).collect(), &none), [10, 4]);
    }

    #[test]
    fn a_large_blob_is_turned_to_after_its_parts_and_cleans_up() {
        let none = HashMap::new();
        assert_eq!(sizes(vec![put("a", 1), put("b", 700_000)], &none), [2, 4, 2]);
        let old = HashMap::from([("b".to_owned(), Split { generation: 0, parts: 3 })]);
        assert_eq!(
            sizes(vec![put("b", 700_000)], &old),
            [4, 5],
            "three new parts; head, blob, three old parts"
        );
        assert_eq!(sizes(vec![put("b", 10)], &old), [5]);
        let delete = || StateWrite::Delete(StateKey::new("b").unwrap());
        assert_eq!(sizes(vec![delete(), delete()], &old), [5, 2], "the second finds nothing in parts");
    }
}
