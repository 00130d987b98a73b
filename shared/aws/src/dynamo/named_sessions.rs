//! V1's sessions, in `sessions`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a session | `V1#<user id>` | `S#<name>` (`number`, `pairing`, `created_at`) |
//! | which session a number is of | `NUMBER#<digits>` | `V1` (`user_id`, `session`) |
//!
//! | access | request | units |
//! |---|---|---|
//! | open | UpdateItem | 1 write |
//! | find | GetItem | 1 read |
//! | list | Query | 1 read for about 25 sessions |
//! | of a number | GetItem | 1 read |
//! | set the pairing | UpdateItem, conditional | 1 write |
//! | set the number | 2 GetItem, then TransactWriteItems of two items, or three when another session had it | 2 or 3 read, 4 or 6 write |
//! | unpair | GetItem, then TransactWriteItems of two items | 2 read, 4 write; 1 read when no session has it |
//! | remove | DeleteItem | 1 write |

use super::backoff;
use super::item::{Item, at, s};
use super::keys::number_pk;
use super::table::{Query, Read, Table, Written};
use super::transaction::Cancelled;
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::{PairingId, UserId};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{NamedSessions, Unavailable};
use carteiro_core::session::{NamedSession, SessionName};
use jiff::Timestamp;

/// V1's sessions in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoNamedSessions {
    table: Table,
}

const OF_NUMBER: &str = "V1";

pub(super) fn pk(user: UserId) -> String {
    format!("V1#{user}")
}

fn sk(name: &SessionName) -> String {
    format!("S#{name}")
}

fn session(item: &Item) -> Result<NamedSession, Unavailable> {
    Ok(NamedSession {
        user: item.one("pk", |pk| pk.strip_prefix("V1#")?.parse().ok())?,
        name: item.one("sk", |sk| sk.strip_prefix("S#")?.parse().ok())?,
        number: item.some("number", |digits| digits.parse().ok())?,
        pairing: item.some("pairing", |id| id.parse().ok())?,
        created_at: item.time("created_at")?,
    })
}

/// Takes a number away from a session that has it.
fn without_number(user: UserId, name: &SessionName, number: &Phone) -> Write {
    Write::update(pk(user), sk(name), "REMOVE #number")
        .when("#number = :number")
        .value(":number", s(number.digits()))
}

/// A write of a number's item that is as it was read.
fn unchanged(write: Write, of: Option<&(UserId, SessionName)>) -> Write {
    match of {
        None => write.when("attribute_not_exists(#pk)"),
        Some((user, name)) => write
            .when("#user_id = :was_user AND #session = :was_session")
            .value(":was_user", s(user.to_string()))
            .value(":was_session", s(name.as_str())),
    }
}

impl DynamoNamedSessions {
    /// V1's sessions in the table `sessions` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    /// Makes the writes; `false` when something changed since it was read.
    async fn transact(&self, writes: &[Write]) -> Result<bool, Unavailable> {
        match self.table.transact(writes).await {
            Ok(()) => Ok(true),
            Err(Cancelled::Refused(_) | Cancelled::Conflict) => Ok(false),
            Err(Cancelled::Unavailable(error)) => Err(error),
        }
    }

    fn restless(&self) -> Unavailable {
        let operation = self.table.operation("TransactWriteItems");
        Unavailable::new(operation, "the session changes again and again")
    }
}

#[async_trait]
impl NamedSessions for DynamoNamedSessions {
    async fn open(
        &self,
        user: UserId,
        name: &SessionName,
        at_time: Timestamp,
    ) -> Result<NamedSession, Unavailable> {
        let open = Write::update(pk(user), sk(name), "SET #created_at = if_not_exists(#created_at, :at)")
            .value(":at", at(at_time))
            .returning_new();
        match self.table.write(open).await? {
            Written::Done(Some(item)) => session(&item),
            Written::Done(None) | Written::Refused(_) => {
                let operation = self.table.operation("UpdateItem");
                Err(Unavailable::new(operation, "no item came back"))
            }
        }
    }

    async fn find(&self, user: UserId, name: &SessionName) -> Result<Option<NamedSession>, Unavailable> {
        let item = self.table.get(pk(user), sk(name), Read::Consistent).await?;
        item.as_ref().map(session).transpose()
    }

    async fn list(&self, user: UserId) -> Result<Vec<NamedSession>, Unavailable> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :session)", Read::Consistent)
            .value(":pk", pk(user))
            .value(":session", "S#");
        self.table.query(query).await?.iter().map(session).collect()
    }

    async fn of_number(&self, number: &Phone) -> Result<Option<(UserId, SessionName)>, Unavailable> {
        let item = self.table.get(number_pk(number), OF_NUMBER, Read::Consistent).await?;
        let Some(item) = item else { return Ok(None) };
        let user = item.one("user_id", |id| id.parse().ok())?;
        Ok(Some((user, item.one("session", |name| name.parse().ok())?)))
    }

    async fn set_pairing(
        &self,
        user: UserId,
        name: &SessionName,
        before: Option<PairingId>,
        pairing: PairingId,
    ) -> Result<bool, Unavailable> {
        let set = Write::update(pk(user), sk(name), "SET #pairing = :pairing")
            .value(":pairing", s(pairing.to_string()));
        let set = match before {
            None => set.when("attribute_exists(#pk) AND attribute_not_exists(#pairing)"),
            Some(before) => set.when("#pairing = :before").value(":before", s(before.to_string())),
        };
        Ok(matches!(self.table.write(set).await?, Written::Done(_)))
    }

    async fn set_number(
        &self,
        user: UserId,
        name: &SessionName,
        pairing: PairingId,
        number: &Phone,
    ) -> Result<bool, Unavailable> {
        for attempt in 1..=backoff::ATTEMPTS {
            let found = self.find(user, name).await?;
            let Some(session) = found.filter(|session| session.pairing == Some(pairing)) else {
                return Ok(false);
            };
            if let Some(former) = session.number.as_ref().filter(|former| *former != number) {
                self.unpair(former).await?;
            }
            let of = self.of_number(number).await?;
            let ours = of.as_ref() == Some(&(user, name.clone()));
            if ours && session.number.as_ref() == Some(number) {
                return Ok(true);
            }
            let gets = Write::update(pk(user), sk(name), "SET #number = :number")
                .when("#pairing = :pairing")
                .value(":pairing", s(pairing.to_string()))
                .value(":number", s(number.digits()));
            let points = Item::new(number_pk(number), OF_NUMBER)
                .with("user_id", s(user.to_string()))
                .with("session", s(name.as_str()));
            let mut writes = vec![gets, unchanged(Write::put(points), of.as_ref())];
            if let Some((other_user, other)) = of.filter(|_| !ours)
                && let Some(had) = self.find(other_user, &other).await?
                && had.number.as_ref() == Some(number)
            {
                writes.push(without_number(other_user, &other, number));
            }
            if self.transact(&writes).await? {
                return Ok(true);
            }
            backoff::wait(attempt).await;
        }
        Err(self.restless())
    }

    async fn unpair(&self, number: &Phone) -> Result<(), Unavailable> {
        for attempt in 1..=backoff::ATTEMPTS {
            let Some(of) = self.of_number(number).await? else { return Ok(()) };
            let mut writes = vec![unchanged(Write::delete(number_pk(number), OF_NUMBER), Some(&of))];
            let had = self.find(of.0, &of.1).await?;
            if had.is_some_and(|session| session.number.as_ref() == Some(number)) {
                writes.push(without_number(of.0, &of.1, number));
            }
            if self.transact(&writes).await? {
                return Ok(());
            }
            backoff::wait(attempt).await;
        }
        Err(self.restless())
    }

    async fn remove(&self, user: UserId, name: &SessionName) -> Result<(), Unavailable> {
        self.table.write(Write::delete(pk(user), sk(name))).await?;
        Ok(())
    }
}
