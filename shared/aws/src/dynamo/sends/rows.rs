//! Sends by id, many at a time: those of a bulk operation.

use super::keys::id_of_pk;
use super::{DynamoSends, record};
use crate::dynamo::item::Item;
use async_trait::async_trait;
use carteiro_core::ids::SendId;
use carteiro_core::ports::{BulkSends, Unavailable};
use carteiro_core::send::{Send, Status};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

/// How many sends are read by one request: the most that BatchGetItem takes.
const AT_ONCE: usize = 100;
/// How many requests are made at the same time. Ten thousand sends are a hundred requests.
const REQUESTS: usize = 8;

#[async_trait]
impl BulkSends for DynamoSends {
    async fn statuses(&self, ids: &[SendId]) -> Result<Vec<Option<Status>>, Unavailable> {
        self.each(ids, Some("#status"), |item| Ok(record::status(item)?)).await
    }

    async fn sends(&self, ids: &[SendId]) -> Result<Vec<Option<Send>>, Unavailable> {
        self.each(ids, None, record::send).await
    }
}

impl DynamoSends {
    /// What `read` makes of each of these sends, in their order.
    async fn each<T>(
        &self,
        ids: &[SendId],
        only: Option<&str>,
        read: impl Fn(&Item) -> Result<T, Unavailable>,
    ) -> Result<Vec<Option<T>>, Unavailable> {
        let mut batches = Vec::new();
        for batch in ids.chunks(AT_ONCE) {
            batches.push(self.items(batch, only));
        }
        let items: Vec<Vec<Item>> = stream::iter(batches).buffer_unordered(REQUESTS).try_collect().await?;
        let mut found = HashMap::with_capacity(ids.len());
        for item in items.iter().flatten() {
            found.insert(item.one("pk", id_of_pk)?, read(item)?);
        }
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }
}
