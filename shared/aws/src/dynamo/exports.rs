//! Reports that are written in the background, in `sends`: the item `EXPORT#<id>`, `EXPORT`. A tenant's stand in the index
//! `by_number` too, under `EXPORTS#<user>`: so they are found when it is erased.
//!
//! | access | request | units |
//! |---|---|---|
//! | create | PutItem, conditional | 1 write |
//! | find | GetItem | 1 read |
//! | save | PutItem, conditional | 1 write for 1 KB: 1 for about 20 parts, or for about 15 days of a summary |

use super::item::{Item, at, n, s, ttl};
use super::table::{Read, Table, Written};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ids::{ExportId, SendId, UserId};
use carteiro_core::ports::{Exports, PageKey, PartTag, PartsId, Unavailable};
use carteiro_core::report::{Export, ExportForm, ExportState, Period, Progress, Subject, Tally};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const SK: &str = "EXPORT";

/// Exports in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoExports {
    table: Table,
}

impl DynamoExports {
    /// Exports in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

#[async_trait]
impl Exports for DynamoExports {
    async fn create(&self, export: &Export) -> Result<Option<Export>, Unavailable> {
        let put = Write::put(item(export)).when("attribute_not_exists(#pk)");
        let existing = match self.table.write(put).await? {
            Written::Done(_) => return Ok(None),
            Written::Refused(Some(item)) => read(&item)?,
            Written::Refused(None) => self.find(export.id).await?.ok_or_else(|| self.lost())?,
        };
        // The very same export is this one: the first answer was lost and the SDK asked again.
        Ok(Some(existing).filter(|existing| existing != export))
    }

    async fn find(&self, id: ExportId) -> Result<Option<Export>, Unavailable> {
        let item = self.table.get(pk(id), SK, Read::Consistent).await?;
        item.as_ref().map(read).transpose()
    }

    async fn save(&self, export: &mut Export) -> Result<bool, Unavailable> {
        let seen = export.revision;
        let next = Export { revision: seen + 1, ..export.clone() };
        let is_next = |stored: &Item| read(stored).is_ok_and(|stored| stored == next);
        let saved = self.table.replace(item(&next), seen, is_next).await?;
        if saved {
            export.revision = next.revision;
        }
        Ok(saved)
    }
}

impl DynamoExports {
    fn lost(&self) -> Unavailable {
        Unavailable::new(self.table.operation("PutItem"), "refused, and not there")
    }
}

/// The partition of `by_number` that a tenant's exports are in.
pub(super) fn exports_pk(user: UserId) -> String {
    format!("EXPORTS#{user}")
}

fn pk(id: ExportId) -> String {
    format!("EXPORT#{id}")
}

fn item(export: &Export) -> Item {
    let Progress { after, read_all, rows, upload, parts, tally } = &export.progress;
    let parts = parts.iter().map(|tag| s(tag.as_str())).collect();
    Item::new(pk(export.id), SK)
        .with("user_id", s(export.subject.user.to_string()))
        .with("number", s(export.subject.number.digits()))
        .with("period_from", at(export.subject.period.from))
        .with("period_to", at(export.subject.period.to))
        .with("zone", s(export.zone.iana_name().unwrap_or("UTC")))
        .with("form", s(export.form.as_str()))
        .with("state", s(export.state.as_str()))
        .with_some("failure", export.state.failure().map(|failure| s(failure.code())))
        .with("created_at", at(export.created_at))
        .with_some("after_at", after.map(|after| at(after.queued_at)))
        .with_some("after_id", after.map(|after| s(after.id.to_string())))
        .with("read_all", AttributeValue::Bool(*read_all))
        .with("rows", n(*rows))
        .with_some("upload", upload.as_ref().map(|upload| s(upload.as_str())))
        .with("parts", AttributeValue::L(parts))
        .with("tally", s(tally.to_stored()))
        .with("attempts", n(export.attempts))
        .with("restarts", n(export.restarts))
        .with_some("busy_until", export.busy_until.map(at))
        .with("revision", n(export.revision))
        .with("number_pk", s(exports_pk(export.subject.user)))
        .with("number_sk", s(export.id.to_string()))
        .with("ttl", ttl(export.created_at + Export::KEPT))
}

fn read(item: &Item) -> Result<Export, Unavailable> {
    let failure = item.some("failure", |code| Some(code.to_owned()))?;
    let id = |pk: &str| pk.strip_prefix("EXPORT#")?.parse().ok();
    Ok(Export {
        id: item.one("pk", id)?,
        subject: Subject {
            user: item.one("user_id", |t| t.parse().ok())?,
            number: item.one("number", |t| t.parse().ok())?,
            period: Period { from: item.time("period_from")?, to: item.time("period_to")? },
        },
        zone: item.one("zone", |name| TimeZone::get(name).ok())?,
        form: item.one("form", ExportForm::from_stored)?,
        state: item.one("state", |text| ExportState::from_stored(text, failure.as_deref()))?,
        created_at: item.time("created_at")?,
        progress: Progress {
            after: after(item.some_time("after_at")?, item.some("after_id", |t| t.parse().ok())?),
            read_all: item.flag("read_all")?,
            rows: item.number("rows")?,
            upload: item.some("upload", |t| Some(PartsId::from_stored(t)))?,
            parts: item.texts("parts")?.into_iter().map(PartTag::from_stored).collect(),
            tally: item.one("tally", |t| Tally::from_stored(t).ok())?,
        },
        attempts: item.number("attempts")?,
        restarts: item.number("restarts")?,
        busy_until: item.some_time("busy_until")?,
        revision: item.number("revision")?,
    })
}

fn after(queued_at: Option<Timestamp>, id: Option<SendId>) -> Option<PageKey> {
    Some(PageKey { queued_at: queued_at?, id: id? })
}
