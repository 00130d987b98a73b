//! Links of numbers to WhatsApp, in `sessions`: pk `NUMBER#<digits>`, sk `LINK`.
//!
//! The index `by_shard` (`SHARD#<NN>`, number) holds only the links that need a session: wanted connected, or waiting to be
//! removed.
//!
//! | access | request | units |
//! |---|---|---|
//! | find | GetItem | 1 read |
//! | find many | BatchGetItem | 1 read a number |
//! | want | UpdateItem, conditional | 1 write, and 1 for the index when a session begins or ceases to be needed |
//! | adopt | UpdateItem, conditional | 1 write, and 1 for the index when a session begins to be needed |
//! | adopted | UpdateItem, conditional | 1 write |
//! | of a shard | Query of `by_shard` | 0.5 read for about 30 numbers |
//! | report | UpdateItem, conditional; two when the state is the same as before (a QR's successor) | 1 write, or 2 |
//! | forget | DeleteItem, conditional | 1 write and 1 for the index |

use super::item::{Item, at, n, s};
use super::keys::{NUMBER, SHARD, number_pk};
use super::table::{Query, Read, Table, Written};
use super::write::{Changes, Write};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::lease::Epoch;
use carteiro_core::number::{Desired, Link, LinkReport, LinkState, PairingCode, PairingMethod, Qr};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{LinkError, Links, Unavailable};
use carteiro_core::shard::Shard;
use jiff::Timestamp;
use secrecy::ExposeSecret;

/// Links in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoLinks {
    table: Table,
}

impl DynamoLinks {
    /// Links in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

const SK: &str = "LINK";
/// A link may be written by this owner of its shard or a later one.
const NOT_FENCED: &str = "(attribute_not_exists(#epoch) OR #epoch <= :epoch)";

fn shard_pk(shard: Shard) -> String {
    format!("{SHARD}{shard}")
}

fn link(item: &Item) -> Result<Link, Unavailable> {
    let qr = item.secret_until("qr", "qr_expires_at")?;
    let code = item.secret_until("code", "code_expires_at")?;
    Ok(Link {
        number: item.one("pk", |pk| pk.strip_prefix(NUMBER)?.parse().ok())?,
        user: item.one("user_id", |id| id.parse().ok())?,
        shard: Shard::from_stored(item.number("shard")?),
        desired: item.one("desired", Desired::from_stored)?,
        state: item.one("state", LinkState::from_stored)?,
        since: item.time("since")?,
        reason: item.some("reason", |r| Some(r.to_owned()))?,
        qr: qr.map(|(code, expires_at)| Qr { code, expires_at }),
        code: code.map(|(code, expires_at)| PairingCode { code, expires_at }),
        jid: item.some("jid", |j| Some(j.to_owned()))?,
        adopts: item.some("adopts", |id| id.parse().ok())?,
        removal_at: item.some_time("removal_at")?,
    })
}

/// The update that makes a report of a state that began at `since`; without it, of the same state as before.
fn report_write(number: &Phone, epoch: Epoch, report: &LinkReport, since: Option<Timestamp>) -> Write {
    let (qr, code) = (report.qr.as_ref(), report.code.as_ref());
    let changes = Changes::default()
        .set("epoch", n(epoch.get()))
        .set("state", s(report.state.as_str()))
        .set_some("since", since.map(at))
        .set_or_remove("reason", report.reason.as_deref().map(s))
        .set_or_remove("qr", qr.map(|qr| s(qr.code.expose_secret())))
        .set_or_remove("qr_expires_at", qr.map(|qr| at(qr.expires_at)))
        .set_or_remove("code", code.map(|code| s(code.code.expose_secret())))
        .set_or_remove("code_expires_at", code.map(|code| at(code.expires_at)));
    let changes = match &report.jid {
        Some(jid) => changes.set_or_remove("jid", jid.as_deref().map(s)),
        None => changes,
    };
    let changed = if since.is_some() { "#state <> :state" } else { "#state = :state" };
    Write::change(number_pk(number), SK, changes)
        .when(format!("attribute_exists(#pk) AND {NOT_FENCED} AND {changed}"))
}

#[async_trait]
impl Links for DynamoLinks {
    async fn find(&self, number: &Phone) -> Result<Option<Link>, Unavailable> {
        let item = self.table.get(number_pk(number), SK, Read::Consistent).await?;
        item.as_ref().map(link).transpose()
    }

    async fn find_many(&self, numbers: &[Phone]) -> Result<Vec<Link>, Unavailable> {
        let keys = numbers.iter().map(|number| (number_pk(number), SK.to_owned()));
        self.table.get_many(keys, Read::Consistent).await?.iter().map(link).collect()
    }

    async fn want(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        desired: Desired,
        at_time: Timestamp,
    ) -> Result<Option<Link>, LinkError> {
        let needs_session = desired != Desired::Disconnected;
        let mut expression = String::from("SET #desired = :desired");
        if needs_session {
            expression.push_str(", #shard_pk = :shard_pk, #shard_sk = :shard_sk");
        }
        if desired.is_connected() {
            expression.push_str(", #user_id = :user, #shard = :shard");
            expression
                .push_str(", #state = if_not_exists(#state, :offline), #since = if_not_exists(#since, :at)");
        }
        if desired == Desired::Removed {
            expression.push_str(", #removal_at = :at");
        }
        if !needs_session {
            expression.push_str(" REMOVE #shard_pk, #shard_sk");
        }
        // A link that waits to be removed stays so, for its own tenant too; asking for that again is no contradiction.
        let condition = match desired {
            Desired::Connected(_) => {
                "attribute_not_exists(#pk) OR (#user_id = :user AND #desired <> :removed)"
            }
            Desired::Disconnected => "#user_id = :user AND #desired <> :removed",
            Desired::Removed => "#user_id = :user",
        };
        let mut write = Write::update(number_pk(number), SK, expression)
            .when(condition)
            .value(":desired", s(desired.as_str()))
            .value(":user", s(user.to_string()))
            .returning_new();
        if desired != Desired::Removed {
            write = write.value(":removed", s(Desired::Removed.as_str()));
        }
        if needs_session {
            write = write.value(":shard_pk", s(shard_pk(shard))).value(":shard_sk", s(number.digits()));
        }
        if desired.is_connected() {
            write = write.value(":shard", n(shard.index())).value(":offline", s(LinkState::Offline.as_str()));
        }
        if needs_session {
            write = write.value(":at", at(at_time));
        }
        match self.table.write(write).await? {
            Written::Done(item) => Ok(item.as_ref().map(link).transpose()?),
            Written::Refused(Some(_)) => Err(LinkError::Busy),
            Written::Refused(None) => Ok(None),
        }
    }

    async fn adopt(
        &self,
        number: &Phone,
        user: UserId,
        shard: Shard,
        pairing: PairingId,
        jid: &str,
        at_time: Timestamp,
    ) -> Result<(), LinkError> {
        // `adoption` stays when `adopts` goes: so a repetition is known for one.
        let adopt = Write::update(
            number_pk(number),
            SK,
            "SET #desired = :desired, #shard_pk = :shard_pk, #shard_sk = :shard_sk, #user_id = :user, \
             #shard = :shard, #state = if_not_exists(#state, :offline), #since = if_not_exists(#since, :at), \
             #adopts = :pairing, #adoption = :pairing, #adopts_jid = :jid",
        )
        .when(
            "attribute_not_exists(#pk) OR (#user_id = :user AND #desired <> :removed \
             AND (attribute_not_exists(#adoption) OR #adoption <> :pairing))",
        )
        .value(":desired", s(Desired::Connected(PairingMethod::Qr).as_str()))
        .value(":removed", s(Desired::Removed.as_str()))
        .value(":shard_pk", s(shard_pk(shard)))
        .value(":shard_sk", s(number.digits()))
        .value(":user", s(user.to_string()))
        .value(":shard", n(shard.index()))
        .value(":offline", s(LinkState::Offline.as_str()))
        .value(":at", at(at_time))
        .value(":pairing", s(pairing.to_string()))
        .value(":jid", s(jid));
        let old = match self.table.write(adopt).await? {
            Written::Done(_) => return Ok(()),
            Written::Refused(old) => old.ok_or(LinkError::Busy)?,
        };
        let owner: UserId = old.one("user_id", |id| id.parse().ok()).map_err(Unavailable::from)?;
        let last: Option<PairingId> =
            old.some("adoption", |id| id.parse().ok()).map_err(Unavailable::from)?;
        if owner == user && last == Some(pairing) { Ok(()) } else { Err(LinkError::Busy) }
    }

    async fn adopted(
        &self,
        number: &Phone,
        epoch: Epoch,
        pairing: PairingId,
        at_time: Timestamp,
    ) -> Result<(), LinkError> {
        let adopted = Write::update(
            number_pk(number),
            SK,
            "SET #epoch = :epoch, #jid = #adopts_jid, #state = :connecting, #since = :at \
             REMOVE #adopts, #adopts_jid, #reason, #qr, #qr_expires_at, #code, #code_expires_at",
        )
        .when(format!("{NOT_FENCED} AND #adopts = :pairing"))
        .value(":epoch", n(epoch.get()))
        .value(":connecting", s(LinkState::Connecting.as_str()))
        .value(":at", at(at_time))
        .value(":pairing", s(pairing.to_string()));
        let old = match self.table.write(adopted).await? {
            Written::Done(_) => return Ok(()),
            Written::Refused(old) => old.ok_or(LinkError::Fenced)?,
        };
        let reported: Option<u64> = old.some_number("epoch").map_err(Unavailable::from)?;
        if reported.is_some_and(|reported| reported > epoch.get()) { Err(LinkError::Fenced) } else { Ok(()) }
    }

    async fn of_shard(&self, shard: Shard) -> Result<Vec<Phone>, Unavailable> {
        let query = Query::new("#shard_pk = :shard", Read::Eventual)
            .index("by_shard")
            .value(":shard", shard_pk(shard));
        let items = self.table.query(query).await?;
        items.iter().map(|item| Ok(item.one("shard_sk", |digits| digits.parse().ok())?)).collect()
    }

    async fn report(
        &self,
        number: &Phone,
        epoch: Epoch,
        report: &LinkReport,
        at_time: Timestamp,
    ) -> Result<(), LinkError> {
        // A state begins once: most reports change it, so that is tried first, and the other way when it was the same.
        for since in [Some(at_time), None, Some(at_time)] {
            let old = match self.table.write(report_write(number, epoch, report, since)).await? {
                Written::Done(_) => return Ok(()),
                Written::Refused(old) => old.ok_or(LinkError::Fenced)?,
            };
            let reported: Option<u64> = old.some_number("epoch").map_err(Unavailable::from)?;
            if reported.is_some_and(|reported| reported > epoch.get()) {
                return Err(LinkError::Fenced);
            }
        }
        let operation = self.table.operation("UpdateItem");
        Err(Unavailable::new(operation, "the state changed twice meanwhile").into())
    }

    async fn forget(&self, number: &Phone, epoch: Epoch) -> Result<(), LinkError> {
        let forget = Write::delete(number_pk(number), SK)
            .when(format!("#desired = :removed AND {NOT_FENCED}"))
            .value(":removed", s(Desired::Removed.as_str()))
            .value(":epoch", n(epoch.get()));
        match self.table.write(forget).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(LinkError::Fenced),
        }
    }
}
