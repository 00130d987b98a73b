//! Deliveries, from the side of their tenant.

use super::keys::{STREAMS, event_sk, place, status_pk, stream as key};
use super::record::{self, WITHOUT_CONTENT, read_stream};
use super::streams::DynamoStreams;
use crate::dynamo::item::{Item, at, s};
use crate::dynamo::keys::user_pk;
use crate::dynamo::table::{Query, Read, Written};
use crate::dynamo::write::Write;
use async_trait::async_trait;
use carteiro_core::ids::{EventId, UserId};
use carteiro_core::ports::{Deliveries, DeliveryPage, Unavailable};
use carteiro_core::webhook::{Delivery, DeliveryKey, Status, StreamKey};
use jiff::Timestamp;
use serde_json::Value;

impl DynamoStreams {
    async fn without_content(&self, keys: Vec<(String, String)>) -> Result<Vec<Delivery>, Unavailable> {
        let items = self.table.get_many_of(keys, Read::Eventual, Some(WITHOUT_CONTENT)).await?;
        items.iter().map(|item| record::read(item, Value::Null)).collect()
    }
}

#[async_trait]
impl Deliveries for DynamoStreams {
    async fn page(
        &self,
        user: UserId,
        status: Status,
        after: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<DeliveryPage, Unavailable> {
        // No place sorts after a letter.
        let before = after.map_or_else(|| "a".to_owned(), place);
        // One more than the page holds tells whether there is a next page.
        let query = Query::new("#user_pk = :pk AND #user_sk < :before", Read::Eventual)
            .index("by_user")
            .backwards()
            .value(":pk", status_pk(user, status))
            .value(":before", before)
            .limit(limit + 1);
        let items = self.table.query(query).await?;
        let more = items.len() > limit;
        let items = &items[..items.len().min(limit)];
        let keys = items.iter().map(|item| Ok((item.text("pk")?.to_owned(), item.text("sk")?.to_owned())));
        let mut deliveries = self.without_content(keys.collect::<Result<_, Unavailable>>()?).await?;
        let next = match items.last().filter(|_| more) {
            Some(last) => Some(last.one("user_sk", placed)?),
            None => None,
        };
        // The index may be behind: one that moved on is on another page.
        deliveries.retain(|delivery| delivery.status == status);
        deliveries.sort_by_key(|delivery| std::cmp::Reverse(delivery.key()));
        Ok(DeliveryPage { deliveries, next })
    }

    async fn of_event(&self, user: UserId, event: EventId) -> Result<Vec<Delivery>, Unavailable> {
        let streams = self.streams(user).await?;
        self.without_content(streams.iter().map(|stream| (key(stream), event_sk(event))).collect()).await
    }

    async fn redrive(&self, stream: &StreamKey, event: EventId, now: Timestamp) -> Result<bool, Unavailable> {
        let told = "SET #status = :pending, #user_pk = :user_pk, #place = #user_sk, #waiting_since = :now \
            REMOVE #dead";
        let write = Write::update(key(stream), event_sk(event), told)
            .value(":pending", s(Status::Pending.as_str()))
            .value(":user_pk", s(status_pk(stream.user, Status::Pending)))
            .value(":now", at(now))
            .value(":dead", s(Status::Dead.as_str()))
            .when("#status = :dead");
        Ok(matches!(self.table.write(write).await?, Written::Done(_)))
    }

    async fn streams(&self, user: UserId) -> Result<Vec<StreamKey>, Unavailable> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :streams)", Read::Consistent)
            .value(":pk", user_pk(user))
            .value(":streams", STREAMS);
        let read = |item: &Item| Ok(read_stream(item)?);
        self.table.query(query).await?.iter().map(read).collect()
    }

    async fn wake(&self, stream: &StreamKey) -> Result<(), Unavailable> {
        let told = "REMOVE #retry_at, #since, #failures, #failed_at, #asked, #wake";
        let write = Write::update(user_pk(stream.user), key(stream), told).when("attribute_exists(#pk)");
        self.table.write(write).await?;
        Ok(())
    }
}

/// Reads what [`place`] wrote.
fn placed(text: &str) -> Option<DeliveryKey> {
    let (micros, event) = text.split_once('#')?;
    let published_at = Timestamp::from_microsecond(micros.parse().ok()?).ok()?;
    Some(DeliveryKey { published_at, event: event.parse().ok()? })
}
