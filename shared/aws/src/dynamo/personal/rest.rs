//! What else stands under a tenant's id: its account, what it used, its sessions, its webhooks; and of a person who was a worker
//! once, that they were.

use super::act::{Act, In, texts};
use super::place::Place;
use super::shown::shown;
use super::{AwsPersonalData, Found, PAGE, Part};
use crate::dynamo::keys::{number_pk, user_pk};
use crate::dynamo::numbers::{FORMER, claim_pk};
use crate::dynamo::sends::keys::parked_pk;
use crate::dynamo::table::{Query, Read};
use crate::dynamo::webhooks::keys::STREAMS;
use crate::dynamo::{alarms, bulk, named_sessions, paces, usage};
use carteiro_core::ids::UserId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::Unavailable;
use carteiro_core::privacy::PrivacyScope;

/// A partition: where, what its items are called, its key, how their sort keys begin, and whether an export shows it.
type Partition = (In, &'static str, String, &'static str, bool);

impl AwsPersonalData {
    /// A page of one partition.
    pub(super) async fn rest_part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let user = scope.user;
        let account = user_pk(user);
        let webhooks = user_pk(user);
        let mut partitions: Vec<Partition> = match &scope.person {
            Some(_) => vec![
                (In::Accounts, "account", account, FORMER, false),
                (In::Webhooks, "webhooks", webhooks, STREAMS, false),
            ],
            None => vec![
                (In::Accounts, "account", account, "", true),
                (In::Sends, "bulk_operations", bulk::key_pk(user), "", false),
                (In::Sends, "usage", usage::pk(user), "", true),
                (In::Sessions, "sessions", named_sessions::pk(user), "", true),
                (In::Webhooks, "webhooks", webhooks, "", true),
            ],
        };
        let tables = partitions.len();
        if scope.person.is_none() {
            for number in &scope.numbers {
                partitions.push((In::Sends, "sends", parked_pk(number), "", false));
                partitions.push((In::Sends, "sends", alarms::pk(number), "", false));
                partitions.push((In::Sessions, "sessions", number_pk(number), paces::PACE, false));
            }
        }
        let Some((table, kind, pk, prefix, is_shown)) = partitions.get(place.index) else {
            return Ok((Vec::new(), None));
        };
        // What stands under a number may be another tenant's by now.
        if let Some(number) = place.index.checked_sub(tables).and_then(|of| scope.numbers.get(of / 3))
            && !self.is_free_for(user, number).await?
        {
            return Ok((Vec::new(), Some(place.next())));
        }
        let query = match prefix.is_empty() {
            true => Query::new("#pk = :pk", Read::Consistent),
            false => Query::new("#pk = :pk AND begins_with(#sk, :prefix)", Read::Consistent)
                .value(":prefix", *prefix),
        };
        let query = query.value(":pk", pk).limit(PAGE);
        let (items, end) = match table {
            In::Accounts => self.accounts.page(query, place.start()).await?,
            In::Sends => self.sends.page(query, place.start()).await?,
            In::Sessions => self.sessions.page(query, place.start()).await?,
            In::Chats => self.chats.page(query, place.start()).await?,
            In::Webhooks => self.webhooks.page(query, place.start()).await?,
        };
        let mut found = Vec::new();
        for item in items.iter().filter(|item| scope.covers(texts(item))) {
            let content = is_shown.then(|| shown(item));
            found.push(Found { kind, content, acts: vec![Act::delete(*table, item)?] });
        }
        Ok((found, Some(place.after(end))))
    }

    /// Whether a number is nobody else's worker.
    async fn is_free_for(&self, user: UserId, number: &Phone) -> Result<bool, Unavailable> {
        let Some(claim) = self.accounts.get(claim_pk(number), "CLAIM", Read::Consistent).await? else {
            return Ok(true);
        };
        Ok(claim.one("user_id", |id| id.parse::<UserId>().ok())? == user)
    }
}
