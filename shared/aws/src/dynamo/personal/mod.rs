//! Personal data, wherever it stands: the tables `sends`, `chats`, `webhooks`, `accounts` and `sessions`, and the bucket. It is
//! gone through place by place, in the order of [`STAGES`], a page at a time; a cursor is the place, so that a run goes on
//! where another ended.
//!
//! Nothing is scanned: every place is a partition, or a prefix, that the tenant or one of its numbers names. So it costs what the
//! tenant has (half a read unit for 4 KB of sends and deliveries, 1 for 4 KB of chats) and no more, and a deletion 1 write
//! unit for each item, and 1 for each index that it is in.
//!
//! What a person's erasure takes away: whole, the records that are about them: their chat with its messages, what they wrote in
//! groups, and what others wrote that names them (in a text, a card, a mention or a quote), contacts, events on their way to
//! webhooks, files, exports. Of sends and of rows of bulk operations, which are counted, it leaves the count: they lose number,
//! text and file. Of groups it takes the member away.
//!
//! What stays, and why, is in docs/explanation/privacy.md: the session's WhatsApp state, and what ends by itself within days.

mod act;
mod book;
mod bulks;
mod deliveries;
mod exports;
mod files;
mod messages;
mod place;
mod rest;
mod sends;
mod shown;

use super::chats::keys::{chat_sk, number_pk, person_sk};
use super::item::Item;
use super::keys::{NUMBER, user_pk};
use super::numbers::FORMER;
use super::table::{Query, Read, Table};
use crate::s3::{S3Client, S3ObjectParts, S3Objects, S3Prefixes};
use act::Act;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::chat::Address;
use carteiro_core::ids::UserId;
use carteiro_core::number::Role;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{ErasedPage, PersonalData, PersonalRecord, RecordPage, Unavailable};
use carteiro_core::privacy::{Names, PrivacyScope};
use place::{Place, Stage};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many items are read at once.
const PAGE: usize = 100;

/// Personal data on AWS.
#[derive(Debug, Clone)]
pub struct AwsPersonalData {
    accounts: Table,
    sends: Table,
    sessions: Table,
    chats: Table,
    webhooks: Table,
    objects: S3Objects,
    parts: S3ObjectParts,
    prefixes: S3Prefixes,
}

/// The names of the tables that personal data is in.
#[derive(Debug, Clone, Copy)]
pub struct PersonalTables<'a> {
    /// Of `accounts`.
    pub accounts: &'a str,
    /// Of `sends`.
    pub sends: &'a str,
    /// Of `sessions`.
    pub sessions: &'a str,
    /// Of `chats`.
    pub chats: &'a str,
    /// Of `webhooks`.
    pub webhooks: &'a str,
}

/// One record of a scope.
struct Found {
    kind: &'static str,
    /// As an export shows it; `None` for what is only to be erased.
    content: Option<Value>,
    /// What erases it.
    acts: Vec<Act>,
}

/// Some records, and the place of the next ones in the same stage.
type Part = (Vec<Found>, Option<Place>);

impl AwsPersonalData {
    /// The data in the tables of these names and in that bucket.
    pub fn new(client: Client, tables: PersonalTables<'_>, s3: S3Client, bucket: &str) -> Self {
        Self {
            accounts: Table::new(client.clone(), tables.accounts),
            sends: Table::new(client.clone(), tables.sends),
            sessions: Table::new(client.clone(), tables.sessions),
            chats: Table::new(client.clone(), tables.chats),
            webhooks: Table::new(client, tables.webhooks),
            objects: S3Objects::new(s3.clone(), bucket),
            parts: S3ObjectParts::new(s3.clone(), bucket),
            prefixes: S3Prefixes::new(s3, bucket),
        }
    }

    /// Some records, and the place of the next ones.
    async fn part(&self, scope: &PrivacyScope, place: Place) -> Result<Part, Unavailable> {
        let stage = place.stage;
        let (found, next) = match stage {
            Stage::Sends => self.sends_part(scope, place).await?,
            Stage::Bulks => self.bulks_part(scope, place).await?,
            Stage::Exports => self.exports_part(scope, place).await?,
            Stage::Messages => self.messages_part(scope, place).await?,
            Stage::Book => self.book_part(scope, place).await?,
            Stage::Deliveries => self.deliveries_part(scope, place).await?,
            Stage::Files => self.files_part(scope, place).await?,
            Stage::Rest => self.rest_part(scope, place).await?,
        };
        Ok((found, next.or_else(|| stage.next().map(Place::of))))
    }

    /// Carries the acts out; the items that only go are deleted together.
    async fn carry_out(&self, acts: Vec<Act>) -> Result<(), Unavailable> {
        act::carry_out(self, acts).await
    }
}

/// The digits that end a sort key of former numbers or of workers.
fn number_in(item: &Item) -> Option<Phone> {
    item.text("sk").ok()?.rsplit('#').next()?.parse().ok()
}

#[async_trait]
impl PersonalData for AwsPersonalData {
    async fn numbers(&self, user: UserId) -> Result<(Vec<Phone>, Vec<Phone>), Unavailable> {
        let of = async |prefix: &str| {
            let query = Query::new("#pk = :pk AND begins_with(#sk, :prefix)", Read::Consistent)
                .value(":pk", user_pk(user))
                .value(":prefix", prefix);
            let items = self.accounts.query(query).await?;
            Ok::<_, Unavailable>(items.iter().filter_map(number_in).collect::<Vec<Phone>>())
        };
        let workers = format!("{}{}#", NUMBER, Role::Worker.as_str());
        let (workers, former) = (of(&workers).await?, of(FORMER).await?);
        let mut numbers = workers.clone();
        numbers.extend(former.into_iter().filter(|number| !workers.contains(number)));
        Ok((workers, numbers))
    }

    async fn names(&self, workers: &[Phone], person: &Phone) -> Result<Names, Unavailable> {
        let mut names = Names::of(person);
        let mut keys = Vec::new();
        for worker in workers {
            for phone in names.phones() {
                let address = Address::of_phone(phone);
                keys.extend([person_sk(&address), chat_sk(&address)].map(|sk| (number_pk(worker), sk)));
            }
        }
        for item in self.chats.get_many(keys, Read::Consistent).await? {
            for name in ["person", "with"] {
                let text = item.some(name, |text| Some(text.to_owned()))?.unwrap_or_default();
                text.split(',')
                    .filter_map(|part| part.parse().ok())
                    .for_each(|address| names.learn(&address));
            }
        }
        Ok(names)
    }

    async fn read(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<RecordPage, Unavailable> {
        let (found, next) = self.part(scope, Place::read(from)?).await?;
        let record = |found: Found| Some(PersonalRecord { kind: found.kind, content: found.content? });
        let next = next.map(|place| place.written()).transpose()?;
        Ok(RecordPage { records: found.into_iter().filter_map(record).collect(), next })
    }

    async fn erase(&self, scope: &PrivacyScope, from: Option<&str>) -> Result<ErasedPage, Unavailable> {
        let (found, next) = self.part(scope, Place::read(from)?).await?;
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut acts = Vec::new();
        for record in found {
            if record.content.is_some() {
                *counts.entry(record.kind).or_default() += 1;
            }
            acts.extend(record.acts);
        }
        self.carry_out(acts).await?;
        let next = next.map(|place| place.written()).transpose()?;
        Ok(ErasedPage { erased: counts.into_iter().collect(), next })
    }
}
