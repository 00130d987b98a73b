//! A row of an operation as the API lists it.

use super::counts::unmade;
use super::{Bulk, BulkFailure};
use crate::report::Item;
use crate::send::Send;
use jiff::tz::TimeZone;
use serde::Serialize;

/// A row as the API lists it: the send that was made of it, as reports list it, or why there is none. It holds the message's
/// text, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RowItem {
    /// It is a send.
    Made {
        /// Its place in the list of recipients, from 0.
        index: u32,
        /// The send.
        #[serde(flatten)]
        send: Box<Item>,
    },
    /// It is none.
    Unmade {
        /// Its place in the list of recipients, from 0.
        index: u32,
        /// `pendente`, `cancelado` or `falha`.
        status: &'static str,
        /// Why it failed, when it did.
        error_code: Option<&'static str>,
    },
}

impl RowItem {
    /// The row of that index of an operation, whose send is this one.
    pub fn new(bulk: &Bulk, index: u32, send: Option<&Send>, zone: &TimeZone) -> Self {
        match send {
            Some(send) => RowItem::Made { index, send: Box::new(Item::new(send, zone)) },
            None => RowItem::Unmade {
                index,
                status: unmade(bulk.state),
                error_code: bulk.state.failure().map(BulkFailure::code),
            },
        }
    }
}
