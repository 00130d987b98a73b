//! Tenants' API tokens, in `accounts`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a token, for who bears it | `TOKEN#<sha256>` | `TOKEN` |
//! | the same, for its tenant | `USER#<id>` | `TOKEN#<token id>` |
//! | how often the tokens changed, `keys` | `USER#<id>` | `PROFILE` |
//!
//! | access | request | units |
//! |---|---|---|
//! | list | Query | 1 read for about 12 tokens |
//! | add | Query, then TransactWriteItems of 3 items | 1 read, 6 write |
//! | rotate | Query, then TransactWriteItems of 5 items | 1 read, 10 write |
//! | revoke | Query, then TransactWriteItems of 2 or 3 items | 1 read, 4 or 6 write |
//!
//! What adds a token is conditional on no other having been added since the tokens were counted, so the limit holds however
//! many ask at once; a count that is kept would be wrong as soon as DynamoDB deletes a token whose time is over.
//!
//! A tenant from before it could have several has its token's hash in `PROFILE` (`token`) and one item, without scopes, which
//! reads as all of them. The first change of that token writes it as the others are.

use super::accounts::{PROFILE, user};
use super::backoff;
use super::item::{Item, at, n, s, ttl};
use super::keys::user_pk;
use super::table::{Query, Read, Table};
use super::transaction::Cancelled;
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::{TokenId, UserId};
use carteiro_core::ports::{ApiKeys, KeyError, MAX_API_KEYS, Unavailable};
use carteiro_core::scope::{Grant, Scopes};
use carteiro_core::token::{ApiKey, TokenHash};
use jiff::Timestamp;

/// Tenants' API tokens in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoApiKeys {
    table: Table,
}

impl DynamoApiKeys {
    /// Tenants' API tokens in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    /// Makes the writes that `plan` finds for the tokens as they stand; it is asked again when they change meanwhile.
    async fn change(
        &self,
        user: UserId,
        plan: impl Fn(&Keyring) -> Result<Vec<Write>, KeyError>,
    ) -> Result<(), KeyError> {
        for attempt in 1..=backoff::ATTEMPTS {
            let keyring = Keyring::read(&self.table, user).await?;
            let writes = plan(&keyring)?;
            match self.table.transact(&writes).await {
                Ok(()) => return Ok(()),
                Err(Cancelled::Refused(_) | Cancelled::Conflict) => backoff::wait(attempt).await,
                Err(Cancelled::Unavailable(unavailable)) => return Err(unavailable.into()),
            }
        }
        let operation = self.table.operation("TransactWriteItems");
        Err(Unavailable::new(operation, "the tenant's tokens keep changing").into())
    }
}

/// The sort key of what is found by a token.
pub(super) const TOKEN: &str = "TOKEN";

pub(super) fn token_pk(token: &TokenHash) -> String {
    format!("TOKEN#{}", token.as_str())
}

fn token_sk(id: TokenId) -> String {
    format!("TOKEN#{id}")
}

/// What a token from before there were scopes has.
pub(super) fn bare_token(hash: &TokenHash, user: UserId) -> Item {
    Item::new(token_pk(hash), TOKEN).with("user_id", s(user.to_string()))
}

/// Both items of a token.
pub(super) fn items(key: &ApiKey) -> [Item; 2] {
    let granted = |item: Item| {
        item.with("scopes", s(written(&key.scopes)))
            .with_some("expires_at", key.expires_at.map(at))
            .with_some("ttl", key.expires_at.map(ttl))
    };
    let listed = Item::new(user_pk(key.user), token_sk(key.id))
        .with_some("name", key.name.as_ref().map(|name| s(name.as_str())))
        .with("prefix", s(&key.prefix))
        .with("hash", s(key.hash.as_str()))
        .with("created_at", at(key.created_at));
    [granted(bare_token(&key.hash, key.user)), granted(listed)]
}

fn written(scopes: &Scopes) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// What a token's item lets its bearer do.
pub(super) fn grant(item: &Item) -> Result<Grant, Unavailable> {
    let read = |text: &str| Scopes::new(text.split(' ').map(str::parse).collect::<Result<Vec<_>, _>>().ok()?);
    let scopes = item.some("scopes", read)?.unwrap_or_else(Scopes::all);
    Ok(Grant { scopes, expires_at: item.some_time("expires_at")? })
}

fn key(user: UserId, item: &Item) -> Result<ApiKey, Unavailable> {
    let Grant { scopes, expires_at } = grant(item)?;
    Ok(ApiKey {
        id: item.one("sk", |sk| sk.strip_prefix("TOKEN#")?.parse().ok())?,
        user,
        name: item.some("name", |name| name.parse().ok())?,
        prefix: item.text("prefix")?.to_owned(),
        hash: item.one("hash", |hash| Some(TokenHash::from_stored(hash.to_owned())))?,
        scopes,
        created_at: item.time("created_at")?,
        expires_at,
    })
}

/// The tokens of a tenant, as they were when they were read.
pub(super) struct Keyring {
    user: UserId,
    exists: bool,
    /// How often they had changed.
    seen: Option<i64>,
    /// The token from before, which has no item of its own under its tenant.
    from_before: Option<ApiKey>,
    keys: Vec<ApiKey>,
}

impl Keyring {
    pub(super) async fn read(table: &Table, id: UserId) -> Result<Self, Unavailable> {
        let query = Query::new("#pk = :user AND #sk BETWEEN :first AND :last", Read::Consistent)
            .value(":user", user_pk(id))
            .value(":first", PROFILE)
            .value(":last", "TOKEN#~");
        let mut keyring = Self { user: id, exists: false, seen: None, from_before: None, keys: Vec::new() };
        for item in table.query(query).await? {
            if item.text("sk")? == PROFILE {
                keyring.exists = true;
                keyring.seen = item.some_number("keys")?;
                keyring.from_before = ApiKey::of_registration(&user(&item)?);
            } else {
                keyring.keys.push(key(id, &item)?);
            }
        }
        Ok(keyring)
    }

    /// Every token, oldest first.
    fn all(&self) -> Vec<ApiKey> {
        let mut all: Vec<ApiKey> = self.keys.iter().chain(&self.from_before).cloned().collect();
        all.sort_by_key(|key| (key.created_at, key.id));
        all
    }

    fn find(&self, id: TokenId) -> Option<ApiKey> {
        self.all().into_iter().find(|key| key.id == id)
    }

    fn is_from_before(&self, key: &ApiKey) -> bool {
        self.from_before.as_ref().is_some_and(|old| old.id == key.id)
    }

    /// How many are good at `now`, `except` one.
    fn good(&self, now: Timestamp, except: Option<TokenId>) -> usize {
        self.all().iter().filter(|key| Some(key.id) != except && !key.grant().is_over(now)).count()
    }

    /// The condition that none was added since.
    pub(super) fn unchanged(&self) -> &'static str {
        if self.seen.is_some() { "#keys = :seen" } else { "attribute_not_exists(#keys)" }
    }

    /// Gives [`Keyring::unchanged`] its value.
    pub(super) fn with_seen(&self, write: Write) -> Write {
        match self.seen {
            Some(seen) => write.value(":seen", n(seen)),
            None => write,
        }
    }

    /// Counts one change more, if there was none since; takes the token from before out of the tenant's item where it `ends`.
    fn count(&self, ends_from_before: bool) -> Write {
        let remove = if ends_from_before { " REMOVE #token" } else { "" };
        let count = Write::update(user_pk(self.user), PROFILE, format!("ADD #keys :one{remove}"))
            .when(format!("attribute_exists(#pk) AND {}", self.unchanged()))
            .value(":one", n(1));
        self.with_seen(count)
    }

    /// Deletes both items of every token, those that are good for longest first.
    pub(super) fn removals(&self) -> Vec<Write> {
        let mut all = self.all();
        all.sort_by_key(|key| std::cmp::Reverse(key.expires_at.unwrap_or(Timestamp::MAX)));
        all.iter().flat_map(|key| self.removal(key)).collect()
    }

    fn removal(&self, key: &ApiKey) -> Vec<Write> {
        let mut writes = vec![Write::delete(token_pk(&key.hash), TOKEN)];
        if !self.is_from_before(key) {
            writes.push(Write::delete(user_pk(key.user), token_sk(key.id)));
        }
        writes
    }
}

fn addition(key: &ApiKey) -> impl Iterator<Item = Write> {
    items(key).into_iter().map(|item| Write::put(item).when("attribute_not_exists(#pk)"))
}

#[async_trait]
impl ApiKeys for DynamoApiKeys {
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, Unavailable> {
        Ok(Keyring::read(&self.table, user).await?.all())
    }

    async fn add(&self, key: &ApiKey, now: Timestamp) -> Result<(), KeyError> {
        self.change(key.user, |keyring| {
            if !keyring.exists {
                return Err(KeyError::Gone);
            }
            if keyring.good(now, None) >= MAX_API_KEYS {
                return Err(KeyError::TooMany);
            }
            Ok(std::iter::once(keyring.count(false)).chain(addition(key)).collect())
        })
        .await
    }

    async fn rotate(
        &self,
        old: TokenId,
        old_ends: Timestamp,
        new: &ApiKey,
        now: Timestamp,
    ) -> Result<(), KeyError> {
        self.change(new.user, |keyring| {
            let Some(ending) = keyring.find(old) else { return Err(KeyError::Gone) };
            let ending = ending.ending_by(old_ends);
            let ends_now = ending.grant().is_over(now);
            if keyring.good(now, Some(old)) + usize::from(!ends_now) >= MAX_API_KEYS {
                return Err(KeyError::TooMany);
            }
            let mut writes = vec![keyring.count(keyring.is_from_before(&ending))];
            if ends_now {
                writes.extend(keyring.removal(&ending));
            } else {
                // One that is revoked meanwhile does not come back.
                let [borne, listed] = items(&ending);
                writes.push(Write::put(borne).when("attribute_exists(#pk)"));
                writes.push(Write::put(listed));
            }
            writes.extend(addition(new));
            Ok(writes)
        })
        .await
    }

    async fn revoke(&self, user: UserId, id: TokenId) -> Result<bool, Unavailable> {
        let revoked = self.change(user, |keyring| {
            let Some(key) = keyring.find(id) else { return Err(KeyError::Gone) };
            let mut writes = keyring.removal(&key);
            if keyring.is_from_before(&key) {
                writes.push(keyring.count(true));
            }
            Ok(writes)
        });
        match revoked.await {
            Ok(()) => Ok(true),
            Err(KeyError::Unavailable(unavailable)) => Err(unavailable),
            Err(KeyError::Gone | KeyError::TooMany) => Ok(false),
        }
    }
}
