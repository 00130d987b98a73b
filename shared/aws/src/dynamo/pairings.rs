//! Pairings of V1's sessions, in `sessions`: pk `PAIRING#<id>`, sk `PAIRING`.
//!
//! The index `by_shard` (`PAIRINGS#<NN>`, id) holds those that are not over. Each has a time to live: a day from the beginning,
//! an hour once it is over.
//!
//! | access | request | units |
//! |---|---|---|
//! | create | PutItem | 1 write and 1 for the index |
//! | find | GetItem | 1 read |
//! | cancel | UpdateItem, conditional | 1 write |
//! | of a shard | Query of `by_shard` | 0.5 read for about 30 pairings |
//! | report | UpdateItem, conditional; two when the state is the same as before (a QR's successor) | 1 write, or 2; and 1 for the index at the end |

use super::item::{Item, at, n, s, ttl};
use super::table::{Query, Read, Table, Written};
use super::write::{Changes, Write};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ids::PairingId;
use carteiro_core::lease::Epoch;
use carteiro_core::number::Qr;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{PairingError, Pairings, Unavailable};
use carteiro_core::session::{Pairing, PairingReport, PairingState};
use carteiro_core::shard::Shard;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

/// Pairings in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoPairings {
    table: Table,
}

impl DynamoPairings {
    /// Pairings in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

const SK: &str = "PAIRING";
/// How long a pairing that was over is kept, and one that never was.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

fn pk(id: PairingId) -> String {
    format!("PAIRING#{id}")
}

fn shard_pk(shard: Shard) -> String {
    format!("PAIRINGS#{shard}")
}

/// A state's word, its number and its reason.
fn parts(state: &PairingState) -> (&'static str, Option<&Phone>, Option<&str>) {
    match state {
        PairingState::Starting => ("starting", None, None),
        PairingState::Waiting => ("waiting", None, None),
        PairingState::Linking(number) => ("linking", Some(number), None),
        PairingState::Paired(number) => ("paired", Some(number), None),
        PairingState::Expired => ("expired", None, None),
        PairingState::Taken(number) => ("taken", Some(number), None),
        PairingState::NoRoom(number) => ("no_room", Some(number), None),
        PairingState::Failed(reason) => ("failed", None, Some(reason)),
        PairingState::Cancelled => ("cancelled", None, None),
    }
}

fn state(item: &Item) -> Result<PairingState, Unavailable> {
    let number = || item.one("number", |digits| digits.parse().ok());
    Ok(match item.text("state")? {
        "starting" => PairingState::Starting,
        "waiting" => PairingState::Waiting,
        "linking" => PairingState::Linking(number()?),
        "paired" => PairingState::Paired(number()?),
        "expired" => PairingState::Expired,
        "taken" => PairingState::Taken(number()?),
        "no_room" => PairingState::NoRoom(number()?),
        "failed" => PairingState::Failed(item.text("reason")?.to_owned()),
        "cancelled" => PairingState::Cancelled,
        _ => item.one("state", |_| None)?,
    })
}

fn pairing(item: &Item) -> Result<Pairing, Unavailable> {
    let qr = item.secret_until("qr", "qr_expires_at")?;
    Ok(Pairing {
        id: item.one("pk", |pk| pk.strip_prefix("PAIRING#")?.parse().ok())?,
        user: item.one("user_id", |id| id.parse().ok())?,
        session: item.one("session", |name| name.parse().ok())?,
        shard: Shard::from_stored(item.number("shard")?),
        max_workers: item.number("max_workers")?,
        wanted: item.flag("wanted")?,
        state: state(item)?,
        since: item.time("since")?,
        qr: qr.map(|(code, expires_at)| Qr { code, expires_at }),
    })
}

/// The update that makes a report; it leaves `since` alone when the state is `unchanged`.
fn report_write(
    id: PairingId,
    epoch: Epoch,
    report: &PairingReport,
    at_time: Timestamp,
    unchanged: bool,
) -> Write {
    let (word, number, reason) = parts(&report.state);
    let qr = report.qr.as_ref();
    let changes = Changes::default()
        .set("epoch", n(epoch.get()))
        .set("state", s(word))
        .set_some("since", (!unchanged).then(|| at(at_time)))
        .set_or_remove("number", number.map(|number| s(number.digits())))
        .set_or_remove("reason", reason.map(s))
        .set_or_remove("qr", qr.map(|qr| s(qr.code.expose_secret())))
        .set_or_remove("qr_expires_at", qr.map(|qr| at(qr.expires_at)));
    let changes = match report.state.is_over() {
        true => changes.set("ttl", ttl(at_time + KEPT)).remove("shard_pk").remove("shard_sk"),
        false => changes,
    };
    let changed = if unchanged { "#state = :state" } else { "#state <> :state" };
    // Only what is not over has a place in the index.
    Write::change(pk(id), SK, changes).when(format!(
        "attribute_exists(#shard_pk) AND (attribute_not_exists(#epoch) OR #epoch <= :epoch) AND {changed}"
    ))
}

#[async_trait]
impl Pairings for DynamoPairings {
    async fn create(&self, pairing: &Pairing) -> Result<(), Unavailable> {
        let (word, number, reason) = parts(&pairing.state);
        let mut item = Item::new(pk(pairing.id), SK)
            .with("user_id", s(pairing.user.to_string()))
            .with("session", s(pairing.session.as_str()))
            .with("shard", n(pairing.shard.index()))
            .with("max_workers", n(pairing.max_workers))
            .with("wanted", AttributeValue::Bool(pairing.wanted))
            .with("state", s(word))
            .with_some("number", number.map(|number| s(number.digits())))
            .with_some("reason", reason.map(s))
            .with("since", at(pairing.since))
            .with("ttl", ttl(pairing.since + LONGEST));
        if !pairing.state.is_over() {
            item =
                item.with("shard_pk", s(shard_pk(pairing.shard))).with("shard_sk", s(pairing.id.to_string()));
        }
        if let Some(qr) = &pairing.qr {
            item = item.with("qr", s(qr.code.expose_secret())).with("qr_expires_at", at(qr.expires_at));
        }
        self.table.write(Write::put(item)).await?;
        Ok(())
    }

    async fn find(&self, id: PairingId) -> Result<Option<Pairing>, Unavailable> {
        let item = self.table.get(pk(id), SK, Read::Consistent).await?;
        item.as_ref().map(pairing).transpose()
    }

    async fn cancel(&self, id: PairingId) -> Result<(), Unavailable> {
        let cancel = Write::update(pk(id), SK, "SET #wanted = :no")
            .when("attribute_exists(#pk)")
            .value(":no", AttributeValue::Bool(false));
        self.table.write(cancel).await?;
        Ok(())
    }

    async fn of_shard(&self, shard: Shard) -> Result<Vec<PairingId>, Unavailable> {
        let query = Query::new("#shard_pk = :shard", Read::Eventual)
            .index("by_shard")
            .value(":shard", shard_pk(shard));
        let items = self.table.query(query).await?;
        items.iter().map(|item| Ok(item.one("shard_sk", |id| id.parse().ok())?)).collect()
    }

    async fn report(
        &self,
        id: PairingId,
        epoch: Epoch,
        report: &PairingReport,
        at_time: Timestamp,
    ) -> Result<(), PairingError> {
        // A state begins once: most reports change it, so that is tried first, and the other way when it was the same.
        for unchanged in [false, true, false] {
            let write = report_write(id, epoch, report, at_time, unchanged);
            let old = match self.table.write(write).await? {
                Written::Done(_) => return Ok(()),
                Written::Refused(old) => old.ok_or(PairingError::Fenced)?,
            };
            let reported: Option<u64> = old.some_number("epoch").map_err(Unavailable::from)?;
            if reported.is_some_and(|reported| reported > epoch.get()) || state(&old)?.is_over() {
                return Err(PairingError::Fenced);
            }
        }
        let operation = self.table.operation("UpdateItem");
        Err(Unavailable::new(operation, "the state changed twice meanwhile").into())
    }
}
