//! Streams, from the side that delivers them.

use super::keys::{event_of, event_sk, part_sk, published_at, recovery_sk, status_pk, stream as key};
use super::parts::split;
use super::record::{self, tries};
use crate::dynamo::item::{Damaged, Item, at, b, n, s, ttl};
use crate::dynamo::keys::user_pk;
use crate::dynamo::table::{Query, Read, Table, Written};
use crate::dynamo::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ids::EventId;
use carteiro_core::ports::{Release, StreamToken, Streams, Take, Unavailable};
use carteiro_core::webhook::{Delivery, LONGEST_WAIT, Outage, Status, StreamKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::HashMap;

/// For how long a stream that nothing happens in is remembered: longer than its deliveries.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Streams and deliveries in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoStreams {
    pub(super) table: Table,
}

impl DynamoStreams {
    /// Streams in the table `webhooks` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    /// What a delivery says.
    async fn json(&self, item: &Item) -> Result<Value, Unavailable> {
        let mut text = item.text("json")?.to_owned();
        let parts: usize = item.some_number("parts")?.unwrap_or_default();
        if parts > 0 {
            let (pk, sk) = (item.text("pk")?, item.text("sk")?);
            let id = event_of(sk).ok_or(Damaged("sk"))?;
            let keys = (1..=parts).map(|part| (pk.to_owned(), part_sk(id, part)));
            let mut rest = self.table.get_many(keys, Read::Consistent).await?;
            rest.sort_by_key(|part| part.text("sk").unwrap_or_default().to_owned());
            if rest.len() != parts {
                return Err(Damaged("parts").into());
            }
            for part in &rest {
                text.push_str(part.text("json")?);
            }
        }
        serde_json::from_str(&text).map_err(|_| Damaged("json").into())
    }

    /// Counts a signal for the holder. `false` when the stream is another's by now, or nobody's.
    async fn count(&self, stream: &StreamKey, holder: &[u8]) -> Result<bool, Unavailable> {
        let count = Write::update(user_pk(stream.user), key(stream), "ADD #signals :one")
            .value(":one", n(1))
            .value(":holder", b(holder))
            .when("#holder = :holder");
        Ok(matches!(self.table.write(count).await?, Written::Done(_)))
    }
}

#[async_trait]
impl Streams for DynamoStreams {
    async fn add(&self, delivery: &Delivery) -> Result<bool, Unavailable> {
        let text = delivery.event.json.to_string();
        let pieces = split(&text);
        // What belongs to an item is there before it.
        for (place, piece) in pieces.iter().enumerate().skip(1) {
            let part = Item::new(key(&delivery.stream), part_sk(delivery.event.id, place))
                .with("json", s(*piece))
                .with("ttl", ttl(delivery.kept_until()));
            self.table.write(Write::put(part)).await?;
        }
        let item = record::item(delivery, pieces[0], pieces.len() - 1);
        let put = Write::put(item).when("attribute_not_exists(#pk)");
        Ok(matches!(self.table.write(put).await?, Written::Done(_)))
    }

    async fn take(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Take, Unavailable> {
        let mut told = "SET #holder = :holder, #until = :until, #user_id = :user, #receiver_id = :receiver, \
            #origin = :origin, #ttl = :ttl"
            .to_owned();
        if stream.scope.session().is_some() {
            told.push_str(", #session = :session");
        }
        told.push_str(" ADD #signals :zero");
        loop {
            let take = Write::update(user_pk(stream.user), key(stream), told.as_str())
                .value(":holder", b(token))
                .value(":until", at(until))
                .value(":now", at(now))
                .value(":user", s(stream.user.to_string()))
                .value(":receiver", s(stream.receiver.to_string()))
                .value(":origin", s(&stream.origin))
                .value(":ttl", ttl(now.saturating_add(KEPT).unwrap_or(now)))
                .value(":zero", n(0))
                .when(
                    "(attribute_not_exists(#until) OR #until <= :now) AND \
                     (attribute_not_exists(#retry_at) OR #retry_at <= :now)",
                )
                .returning_new();
            let take = match stream.scope.session() {
                Some(name) => take.value(":session", s(name.as_str())),
                None => take,
            };
            let item = match self.table.write(take).await? {
                Written::Done(Some(item)) => return taken(&item),
                Written::Refused(Some(item)) => item,
                Written::Done(None) | Written::Refused(None) => {
                    let operation = self.table.operation("UpdateItem");
                    return Err(Unavailable::new(operation, "no item came back"));
                }
            };
            if item.some_time("until")?.is_some_and(|end| now < end) {
                let holder = item.bytes("holder")?;
                // Its own: the first answer was lost and the SDK asked again.
                if holder == token {
                    return taken(&item);
                }
                if self.count(stream, holder).await? {
                    return Ok(Take::Held);
                }
            } else if let Some(outage) = outage(&item)? {
                return Ok(Take::Waiting(outage));
            }
        }
    }

    async fn release(
        &self,
        stream: &StreamKey,
        token: StreamToken,
        seen: u64,
        outage: Option<&Outage>,
    ) -> Result<Release, Unavailable> {
        let told = match outage {
            Some(_) => {
                "SET #retry_at = :retry_at, #since = :since, #failures = :failures, #failed_at = :failed_at, \
                 #asked = :asked, #wake = :wake \
                 REMOVE #holder, #until"
            }
            None => "REMOVE #holder, #until, #retry_at, #since, #failures, #failed_at, #asked, #wake",
        };
        let mut release = Write::update(user_pk(stream.user), key(stream), told)
            .value(":holder", b(token))
            .value(":seen", n(seen))
            .when("#holder = :holder AND #signals = :seen");
        if let Some(outage) = outage {
            release = release
                .value(":retry_at", at(outage.retry_at))
                .value(":since", at(outage.since))
                .value(":failures", n(outage.failures))
                .value(":failed_at", at(outage.failed_at))
                .value(":asked", AttributeValue::Bool(outage.asked))
                .value(":wake", n(outage.wake));
        }
        match self.table.write(release).await? {
            Written::Done(_) => Ok(Release::Released),
            Written::Refused(Some(item)) if item.bytes("holder").is_ok_and(|holder| holder == token) => {
                Ok(Release::Signalled(item.number("signals")?))
            }
            Written::Refused(_) => Ok(Release::Lost),
        }
    }

    async fn renumber(&self, stream: &StreamKey, wake: u64) -> Result<bool, Unavailable> {
        let next = Write::update(user_pk(stream.user), key(stream), "SET #wake = :next")
            .value(":next", n(wake + 1))
            .value(":wake", n(wake))
            .when("#wake = :wake");
        Ok(matches!(self.table.write(next).await?, Written::Done(_)))
    }

    async fn hasten(&self, stream: &StreamKey, wake: u64, now: Timestamp) -> Result<bool, Unavailable> {
        let end = Write::update(user_pk(stream.user), key(stream), "SET #retry_at = :now")
            .value(":now", at(now))
            .value(":wake", n(wake))
            .when("#wake = :wake");
        Ok(matches!(self.table.write(end).await?, Written::Done(_)))
    }

    async fn note_recovery(&self, stream: &StreamKey, now: Timestamp) -> Result<(), Unavailable> {
        let note = Item::new(user_pk(stream.user), recovery_sk(stream.receiver))
            .with("recovered_at", at(now))
            .with("ttl", ttl(now.saturating_add(LONGEST_WAIT * 2).unwrap_or(now)));
        self.table.write(Write::put(note)).await?;
        Ok(())
    }

    async fn recovered_at(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable> {
        let pk = user_pk(stream.user);
        let note = self.table.get(pk, recovery_sk(stream.receiver), Read::Consistent).await?;
        Ok(note.map(|note| note.time("recovered_at")).transpose()?)
    }

    async fn pending(&self, stream: &StreamKey, limit: usize) -> Result<Vec<Delivery>, Unavailable> {
        let pk = key(stream);
        let query =
            Query::new("#pk = :pk", Read::Consistent).index("by_place").value(":pk", &pk).limit(limit);
        let mut order = HashMap::new();
        for (place, item) in self.table.query(query).await?.iter().enumerate() {
            order.insert(item.text("sk")?.to_owned(), place);
        }
        let keys = order.keys().map(|sk| (pk.clone(), sk.clone()));
        let mut items = self.table.get_many(keys, Read::Consistent).await?;
        items.sort_by_key(|item| item.text("sk").ok().and_then(|sk| order.get(sk)).copied());
        let mut pending = Vec::with_capacity(items.len());
        for item in &items {
            pending.push(record::read(item, self.json(item).await?)?);
        }
        Ok(pending)
    }

    async fn last_pending(&self, stream: &StreamKey) -> Result<Option<Timestamp>, Unavailable> {
        let query = Query::new("#pk = :pk", Read::Consistent).index("by_place").value(":pk", key(stream));
        let found = self.table.query(query.backwards().limit(1)).await?;
        let place = found.first().map(|item| item.one("place", published_at)).transpose()?;
        Ok(place)
    }

    async fn record(&self, delivery: &Delivery) -> Result<(), Unavailable> {
        let told = match delivery.status {
            Status::Pending => "SET #tries = :tries",
            Status::Delivered => {
                "SET #tries = :tries, #status = :status, #user_pk = :user_pk REMOVE #place, #json, #parts"
            }
            Status::Dead => {
                "SET #tries = :tries, #status = :status, #user_pk = :user_pk, #dead = :dead REMOVE #place"
            }
        };
        let mut write = Write::update(key(&delivery.stream), event_sk(delivery.event.id), told)
            .value(":tries", tries(&delivery.tries))
            .value(":pending", s(Status::Pending.as_str()))
            .when("#status = :pending");
        if delivery.status != Status::Pending {
            write = write
                .value(":status", s(delivery.status.as_str()))
                .value(":user_pk", s(status_pk(delivery.stream.user, delivery.status)));
        }
        if let (Status::Dead, Some(dead)) = (delivery.status, delivery.dead) {
            write = write.value(":dead", s(dead.code()));
        }
        self.table.write(write).await?;
        Ok(())
    }

    async fn forget(&self, stream: &StreamKey, event: EventId) -> Result<(), Unavailable> {
        self.table.write(Write::delete(key(stream), event_sk(event))).await?;
        Ok(())
    }
}

fn taken(item: &Item) -> Result<Take, Unavailable> {
    Ok(Take::Taken { signals: item.number("signals")?, outage: outage(item)? })
}

fn outage(item: &Item) -> Result<Option<Outage>, Damaged> {
    let Some(retry_at) = item.some_time("retry_at")? else { return Ok(None) };
    Ok(Some(Outage {
        since: item.time("since")?,
        failures: item.number("failures")?,
        // Waits that began before this was stored are waited out.
        failed_at: item.some_time("failed_at")?.unwrap_or(retry_at),
        asked: item.flag("asked")?,
        retry_at,
        wake: item.number("wake")?,
    }))
}
