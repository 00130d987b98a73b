//! Sends that wait for their number to be connected.

use super::DynamoSends;
use super::due::pending;
use super::keys::{SK, due_pk, due_sk, line_pk, parked_pk, pk, place, place_sk};
use super::step::when_status;
use crate::dynamo::item::{Item, s, ttl};
use crate::dynamo::table::{Query, Read, Written};
use crate::dynamo::write::Write;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Line, Parked, Unavailable};
use carteiro_core::send::{Send, Waiting};
use jiff::SignedDuration;

/// How long after its send's expiry a parked item is kept: nobody reads it then.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The delete that takes a send from the parked ones.
pub(super) fn unpark(number: &Phone, parked: &Parked) -> Write {
    Write::delete(parked_pk(number), place_sk(parked))
}

impl DynamoSends {
    /// Parks a send. Its place among the parked ones is written first: a crash between the two writes then leaves a send that
    /// is parked and swept as well, never one that is neither.
    pub(super) async fn park_send(&self, send: &Send, why: Waiting) -> Result<(), Unavailable> {
        let parked = Parked::of(send);
        let kept =
            Item::new(parked_pk(&send.from), place_sk(&parked)).with("ttl", ttl(send.expires_at + KEPT));
        self.table.write(Write::put(kept)).await?;
        let expression = "SET #waiting = :why, #due_pk = :due_pk, #due_sk = :due_sk, #line_pk = :line";
        let wait = Write::update(pk(send.id), SK, expression)
            .value(":why", s(why.as_str()))
            .value(":line", s(line_pk(&send.from, Line::Open)))
            .value(":due_pk", s(due_pk(send.id)))
            .value(":due_sk", s(due_sk(send.expires_at, send.id)));
        if let Written::Refused(_) = self.table.write(when_status(wait, &pending())).await? {
            // It has moved on, and waits for nothing.
            self.table.write(unpark(&send.from, &parked)).await?;
        }
        Ok(())
    }

    /// The parked sends of a number in order.
    pub(super) async fn parked_sends(
        &self,
        number: &Phone,
        after: Option<&Parked>,
        limit: usize,
    ) -> Result<Vec<Parked>, Unavailable> {
        let after = after.map_or_else(|| "0".to_owned(), place_sk);
        let query = Query::new("#pk = :pk AND #sk > :after", Read::Consistent)
            .value(":pk", parked_pk(number))
            .value(":after", after)
            .limit(limit);
        let items = self.table.query(query).await?;
        items.iter().map(|item| Ok(item.one("sk", place)?)).collect()
    }
}
