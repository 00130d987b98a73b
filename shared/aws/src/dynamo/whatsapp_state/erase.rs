//! Deleting state.

use super::blob::{BLOBS, PARTS};
use super::open_state::{still, transact};
use super::{HEAD, unavailable};
use crate::dynamo::item::n;
use crate::dynamo::table::{Query, Read, Table};
use crate::dynamo::transaction::MAX_WRITES;
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::StateError;
use std::collections::HashMap;

/// Deletes every blob and part, in fenced batches, and then their list in the head.
pub(super) async fn erase(table: &Table, pk: &str, epoch: Epoch) -> Result<(), StateError> {
    for prefix in [BLOBS, PARTS] {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :prefix)", Read::Consistent)
            .value(":pk", pk)
            .value(":prefix", prefix);
        let items = table.query(query).await.map_err(unavailable)?;
        for batch in items.chunks(MAX_WRITES - 1) {
            let mut writes = vec![still(pk, epoch)];
            for item in batch {
                let sk = item.text("sk").map_err(super::blob::damaged)?;
                writes.push(Write::delete(pk, sk));
            }
            transact(table, &writes).await?;
        }
    }
    let none_split = Write::update(pk, HEAD, "SET #split = :none")
        .when("#epoch = :epoch")
        .value(":epoch", n(epoch.get()))
        .value(":none", AttributeValue::M(HashMap::new()));
    transact(table, &[none_split]).await
}

/// Deletes the claim of a state that is erased.
pub(super) async fn forget(table: &Table, pk: &str, epoch: Epoch) -> Result<(), StateError> {
    let forget = Write::delete(pk, HEAD).when("#epoch = :epoch").value(":epoch", n(epoch.get()));
    transact(table, &[forget]).await
}
