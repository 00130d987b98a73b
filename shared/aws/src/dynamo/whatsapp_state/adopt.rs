//! Giving a number the state of a pairing.
//!
//! The pairing's head goes in the same transaction that gives the number the last of it. While the head is there, everything is
//! done again from the beginning; once it is not, what is left of the pairing is rubbish.

use super::blob::{BLOBS, PARTS, damaged};
use super::erase::erase;
use super::open_state::{still, transact};
use super::{HEAD, unavailable};
use crate::dynamo::item::{Item, n, s};
use crate::dynamo::table::{Query, Read, Table};
use crate::dynamo::transaction::MAX_WRITES;
use crate::dynamo::write::Write;
use carteiro_core::lease::Epoch;
use carteiro_core::ports::StateError;

/// The most bytes of one transaction, as in [`super::commit`].
const MAX_BYTES: usize = 2_800_000;

/// Moves what is under `from` to `to`, which is claimed for `epoch`.
pub(super) async fn adopt(table: &Table, to: &str, epoch: Epoch, from: &str) -> Result<(), StateError> {
    if let Some(head) = table.get(from, HEAD, Read::Consistent).await.map_err(unavailable)? {
        erase(table, to, epoch).await?;
        copy(table, to, epoch, items(table, from).await?).await?;
        let split = head
            .0
            .get("split")
            .cloned()
            .ok_or_else(|| StateError::Damaged("the head has no `split`".to_owned()))?;
        let own = Write::update(to, HEAD, "SET #split = :split")
            .when("#epoch = :epoch")
            .value(":epoch", n(epoch.get()))
            .value(":split", split);
        // Somebody may have opened it meanwhile, who must not be: what is copied is what was left when it was closed.
        transact(table, &[own, Write::delete(from, HEAD)]).await?;
    }
    for some in items(table, from).await?.chunks(MAX_WRITES) {
        let delete = |item: &Item| Ok(Write::delete(from, item.text("sk").map_err(damaged)?));
        transact(table, &some.iter().map(delete).collect::<Result<Vec<_>, StateError>>()?).await?;
    }
    Ok(())
}

/// The blobs and parts under `pk`.
async fn items(table: &Table, pk: &str) -> Result<Vec<Item>, StateError> {
    let mut items = Vec::new();
    for prefix in [BLOBS, PARTS] {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :prefix)", Read::Consistent)
            .value(":pk", pk)
            .value(":prefix", prefix);
        items.extend(table.query(query).await.map_err(unavailable)?);
    }
    Ok(items)
}

async fn copy(table: &Table, to: &str, epoch: Epoch, items: Vec<Item>) -> Result<(), StateError> {
    let (mut writes, mut bytes) = (vec![still(to, epoch)], 0);
    for item in items {
        let size = item.bytes("data").map_or(0, <[u8]>::len) + 1_200;
        if writes.len() == MAX_WRITES || bytes + size > MAX_BYTES {
            transact(table, &writes).await?;
            (writes, bytes) = (vec![still(to, epoch)], 0);
        }
        writes.push(Write::put(item.with("pk", s(to))));
        bytes += size;
    }
    transact(table, &writes).await
}
