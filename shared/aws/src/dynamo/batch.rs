//! Many writes at once, without conditions and not all or none.

use super::backoff;
use super::item::{Attributes, Item, key};
use super::table::Table;
use crate::failure::unavailable;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, WriteRequest};
use carteiro_core::ports::Unavailable;
use futures_util::{StreamExt, TryStreamExt, stream};

/// The most writes of one BatchWriteItem.
const MAX_WRITES: usize = 25;
/// The most bytes of one request, with room for names; DynamoDB takes 16 MB.
const MAX_BYTES: usize = 8_000_000;
/// How many requests are made at the same time.
const REQUESTS: usize = 4;

impl Table {
    /// Puts items, over those that are there, in no order. Items of the same keys must not be among them.
    pub(super) async fn put_many(&self, items: Vec<Item>) -> Result<(), Unavailable> {
        let put = |item: Item| PutRequest::builder().set_item(Some(item.0)).build();
        let mut writes = Vec::with_capacity(items.len());
        for item in items {
            let size = size(&item.0);
            let put = put(item).map_err(|e| self.unbuilt(e.to_string()))?;
            writes.push((WriteRequest::builder().put_request(put).build(), size));
        }
        self.write_many(writes).await
    }

    /// Deletes the items of these keys, in no order; those that are not there are no matter.
    pub(super) async fn delete_many(
        &self,
        keys: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Unavailable> {
        let mut writes = Vec::new();
        for (pk, sk) in keys {
            let delete = DeleteRequest::builder().set_key(Some(key(pk, sk))).build();
            let delete = delete.map_err(|e| self.unbuilt(e.to_string()))?;
            writes.push((WriteRequest::builder().delete_request(delete).build(), 0));
        }
        self.write_many(writes).await
    }

    async fn write_many(&self, writes: Vec<(WriteRequest, usize)>) -> Result<(), Unavailable> {
        let requests: Vec<_> = batches(writes).into_iter().map(|batch| self.write_batch(batch)).collect();
        stream::iter(requests).buffer_unordered(REQUESTS).try_collect().await
    }

    /// Makes one request, and makes it again for what was not processed.
    async fn write_batch(&self, mut left: Vec<WriteRequest>) -> Result<(), Unavailable> {
        let operation = self.operation("BatchWriteItem");
        let mut fruitless = 0;
        loop {
            let asked = left.len();
            let answer = self.client.batch_write_item().request_items(&self.name, left).send().await;
            let answer = answer.map_err(|e| unavailable(&operation, &e))?;
            left = answer.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            fruitless = if left.len() < asked { 1 } else { fruitless + 1 };
            if fruitless == backoff::ATTEMPTS {
                return Err(Unavailable::new(operation, "writes stay unprocessed"));
            }
            backoff::wait(fruitless).await;
        }
    }

    fn unbuilt(&self, reason: String) -> Unavailable {
        Unavailable::new(self.operation("BatchWriteItem"), reason)
    }
}

/// What fits one request each.
fn batches<T>(writes: Vec<(T, usize)>) -> Vec<Vec<T>> {
    let (mut batches, mut bytes) = (Vec::<Vec<T>>::new(), 0);
    for (write, size) in writes {
        bytes += size;
        match batches.last_mut() {
            Some(batch) if batch.len() < MAX_WRITES && bytes <= MAX_BYTES => batch.push(write),
            _ => {
                bytes = size;
                batches.push(vec![write]);
            }
        }
    }
    batches
}

/// About how large an item is: its texts and bytes.
pub(super) fn size(item: &Attributes) -> usize {
    let of = |value: &aws_sdk_dynamodb::types::AttributeValue| {
        value.as_s().map_or_else(|_| value.as_b().map_or(16, |bytes| bytes.as_ref().len()), String::len)
    };
    item.iter().map(|(name, value)| name.len() + of(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_25_writes_and_bounded_bytes() {
        let sizes = |writes: Vec<(u8, usize)>| batches(writes).iter().map(Vec::len).collect::<Vec<_>>();
        assert!(sizes(vec![]).is_empty());
        assert_eq!(sizes(vec![(0, 10); 51]), [25, 25, 1]);
        assert_eq!(sizes(vec![(0, 390_000); 25]), [20, 5]);
        assert_eq!(sizes(vec![(0, 9_000_000); 2]), [1, 1]);
    }
}
