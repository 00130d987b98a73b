//! Receivers.

use super::keys::{RECEIVERS, receiver_sk};
use crate::dynamo::item::{Item, at, n, s};
use crate::dynamo::keys::user_pk;
use crate::dynamo::table::{Query, Read, Table, Written};
use crate::dynamo::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::ids::UserId;
use carteiro_core::ports::{Receivers, Unavailable};
use carteiro_core::webhook::{
    EventKind, Receiver, ReceiverScope, ReceiverState, ReceiverUrl, Secrets, StopReason,
};
use std::collections::BTreeSet;

/// Receivers in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoReceivers {
    table: Table,
}

impl DynamoReceivers {
    /// Receivers in the table `webhooks` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

#[async_trait]
impl Receivers for DynamoReceivers {
    async fn of_user(&self, user: UserId) -> Result<Vec<Receiver>, Unavailable> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :receivers)", Read::Consistent)
            .value(":pk", user_pk(user))
            .value(":receivers", RECEIVERS);
        self.table.query(query).await?.iter().map(read).collect()
    }

    async fn find(&self, user: UserId, scope: &ReceiverScope) -> Result<Option<Receiver>, Unavailable> {
        let item = self.table.get(user_pk(user), receiver_sk(scope), Read::Consistent).await?;
        item.as_ref().map(read).transpose()
    }

    async fn save(&self, receiver: &mut Receiver) -> Result<bool, Unavailable> {
        let seen = receiver.revision;
        let next = Receiver { revision: seen + 1, ..receiver.clone() };
        let put = Write::put(item(&next));
        let put = match seen {
            0 => put.when("attribute_not_exists(#pk)"),
            _ => put.when("#revision = :seen").value(":seen", n(seen)),
        };
        let saved = match self.table.write(put).await? {
            Written::Done(_) => true,
            // As it was to be: the first answer was lost and the SDK asked again.
            Written::Refused(stored) => {
                stored.is_some_and(|stored| read(&stored).is_ok_and(|stored| stored == next))
            }
        };
        if saved {
            receiver.revision = next.revision;
        }
        Ok(saved)
    }

    async fn remove(&self, user: UserId, scope: &ReceiverScope) -> Result<bool, Unavailable> {
        let delete = Write::delete(user_pk(user), receiver_sk(scope)).when("attribute_exists(#pk)");
        Ok(matches!(self.table.write(delete).await?, Written::Done(_)))
    }
}

fn item(receiver: &Receiver) -> Item {
    let kinds = receiver.kinds.iter().map(|kind| s(kind.as_str())).collect();
    let previous = receiver.secrets.previous.as_ref();
    let stopped = match receiver.state {
        ReceiverState::Active => None,
        ReceiverState::Stopped { at, why } => Some((at, why)),
    };
    Item::new(user_pk(receiver.user), receiver_sk(&receiver.scope))
        .with("receiver_id", s(receiver.id.to_string()))
        .with("user_id", s(receiver.user.to_string()))
        .with_some("session", receiver.scope.session().map(|name| s(name.as_str())))
        .with("url", s(receiver.url.as_str()))
        .with("format", s(receiver.format.as_str()))
        .with("kinds", AttributeValue::L(kinds))
        .with("secret", s(receiver.secrets.current.reveal()))
        .with_some("old_secret", previous.map(|(secret, _)| s(secret.reveal())))
        .with_some("old_secret_until", previous.map(|(_, until)| at(*until)))
        .with_some("stopped_at", stopped.map(|(time, _)| at(time)))
        .with_some("stopped_why", stopped.map(|(_, why)| s(why.code())))
        .with("created_at", at(receiver.created_at))
        .with("revision", n(receiver.revision))
}

fn read(item: &Item) -> Result<Receiver, Unavailable> {
    let old = item.some("old_secret", |text| text.parse().ok())?;
    let stopped = item.some("stopped_why", StopReason::from_stored)?;
    let kind = |text: &str| text.parse::<EventKind>().ok();
    let kinds: BTreeSet<EventKind> = item.texts("kinds")?.into_iter().filter_map(kind).collect();
    Ok(Receiver {
        id: item.one("receiver_id", |t| t.parse().ok())?,
        user: item.one("user_id", |t| t.parse().ok())?,
        scope: match item.some("session", |t| t.parse().ok())? {
            None => ReceiverScope::Tenant,
            Some(name) => ReceiverScope::Session(name),
        },
        url: item.one("url", |t| ReceiverUrl::parse(t).ok())?,
        format: item.one("format", |t| t.parse().ok())?,
        kinds,
        secrets: Secrets {
            current: item.one("secret", |t| t.parse().ok())?,
            previous: match old {
                None => None,
                Some(secret) => Some((secret, item.time("old_secret_until")?)),
            },
        },
        state: match stopped {
            None => ReceiverState::Active,
            Some(why) => ReceiverState::Stopped { at: item.time("stopped_at")?, why },
        },
        created_at: item.time("created_at")?,
        revision: item.number("revision")?,
    })
}
