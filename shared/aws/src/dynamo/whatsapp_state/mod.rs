//! The WhatsApp state of numbers and of pairings, in `sessions`; only the session task touches it. That of a pairing is under
//! `STATE#PAIRING#<id>` where a number's is under `STATE#<digits>`, until the number takes it over.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | the claim | `STATE#<digits>` | `HEAD` (`epoch`, `split`: the blobs in parts) |
//! | a blob | `STATE#<digits>` | `B#<key>` (`data`, or `generation` and `parts`) |
//! | a part of a large blob | `STATE#<digits>` | `P#<key>#<generation>#<part, 4 digits>` (`data`) |
//!
//! | access | request | units |
//! |---|---|---|
//! | open | UpdateItem, conditional | 1 write |
//! | get | GetItem | 1 read for 4 KB; a large blob: and a BatchGetItem of its parts |
//! | list | Query | 1 read for 4 KB |
//! | commit | TransactWriteItems for 40 blobs | 2 write for the claim, and 2 for each KB of each blob |
//! | erase | UpdateItem, Query, TransactWriteItems for 99 items | 1 write, 1 read for 4 KB, 2 write for each KB |
//! | holds | GetItem | 1 read |
//! | adopt | as to erase both, and TransactWriteItems of what is copied | as to erase both, and 2 write for each KB |
//!
//! Blobs are kept as they are, behind one byte that says so (0): keys and ratchets are random bytes that no compression makes
//! smaller, and most blobs fill one unit anyway. A blob that does not fit one item is split; its parts are written under
//! another generation than the one that is read, and the blob's item turns to them in the last transaction, so a large blob
//! too is the old or the new one and never a mixture.

mod adopt;
mod blob;
mod commit;
mod erase;
mod open_state;

use super::item::{Item, n};
use super::table::{Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{StateError, StateOwner, Unavailable, WhatsAppState, WhatsAppStates};
use open_state::OpenState;
use std::collections::HashMap;
use std::sync::Arc;

/// WhatsApp state in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoWhatsAppStates {
    table: Table,
}

impl DynamoWhatsAppStates {
    /// WhatsApp state in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    /// Claims a state for an epoch; answers its head.
    async fn claim(&self, owner: &StateOwner, epoch: Epoch) -> Result<Item, StateError> {
        let claim =
            Write::update(pk(owner), HEAD, "SET #epoch = :epoch, #split = if_not_exists(#split, :none)")
                .when("attribute_not_exists(#epoch) OR #epoch <= :epoch")
                .value(":epoch", n(epoch.get()))
                .value(":none", AttributeValue::M(HashMap::new()))
                .returning_new();
        match self.table.write(claim).await.map_err(unavailable)? {
            Written::Done(head) => {
                head.ok_or_else(|| StateError::Damaged("a head without content".to_owned()))
            }
            Written::Refused(_) => Err(StateError::Fenced),
        }
    }
}

/// The sort key of the claim.
const HEAD: &str = "HEAD";

fn pk(owner: &StateOwner) -> String {
    match owner {
        StateOwner::Number(number) => format!("STATE#{}", number.digits()),
        StateOwner::Pairing(pairing) => format!("STATE#PAIRING#{pairing}"),
    }
}

fn unavailable(error: Unavailable) -> StateError {
    StateError::Unavailable(error.to_string())
}

#[async_trait]
impl WhatsAppStates for DynamoWhatsAppStates {
    async fn open(&self, owner: &StateOwner, epoch: Epoch) -> Result<Arc<dyn WhatsAppState>, StateError> {
        let head = self.claim(owner, epoch).await?;
        Ok(Arc::new(OpenState::new(self.table.clone(), pk(owner), epoch, blob::splits(&head)?)))
    }

    async fn erase(&self, owner: &StateOwner, epoch: Epoch) -> Result<(), StateError> {
        self.claim(owner, epoch).await?;
        erase::erase(&self.table, &pk(owner), epoch).await?;
        match owner {
            StateOwner::Number(_) => Ok(()),
            StateOwner::Pairing(_) => erase::forget(&self.table, &pk(owner), epoch).await,
        }
    }

    async fn holds(&self, pairing: PairingId) -> Result<bool, StateError> {
        let head = self.table.get(pk(&pairing.into()), HEAD, Read::Consistent).await;
        Ok(head.map_err(unavailable)?.is_some())
    }

    async fn adopt(&self, number: &Phone, epoch: Epoch, pairing: PairingId) -> Result<(), StateError> {
        self.claim(&number.into(), epoch).await?;
        adopt::adopt(&self.table, &pk(&number.into()), epoch, &pk(&pairing.into())).await
    }
}
