//! Tenants, in `accounts`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | the tenant | `USER#<id>` | `PROFILE` |
//! | that there is one | `TENANTS` | `<id>` |
//! | an identity | `IDENT#login:<x>`, `IDENT#email:<x>`, `IDENT#phone:<digits>` | `IDENT` |
//! | an API token, two items | see [`super::DynamoApiKeys`] | |
//!
//! | access | request | units |
//! |---|---|---|
//! | create | TransactWriteItems of 3 to 7 items | 6 to 14 write |
//! | by id | GetItem | 1 read |
//! | by identity, by token | 2 GetItem, found or not | 2 read |
//! | a page | Query, then BatchGetItem of the tenants | 1 read for about 60 tenants, and 1 a tenant |
//! | change | TransactWriteItems of 2 items, then GetItem | 4 write, 1 read |
//! | note mail that came back, or arrives again | UpdateItem | 1 write |
//! | remove | Query, then TransactWriteItems of 3 to 45 items | 1 read, 6 to 90 write |
//!
//! Reads are strongly consistent: who has just registered logs in. The tenant's item also counts its `workers` and `admins`,
//! which [`super::DynamoNumbers`] keeps, and which must be none when it is removed, and the changes of its `keys`, which
//! [`super::DynamoApiKeys`] keeps.
//!
//! One partition lists the tenants, so at most 1,000 are made a second. A tenant from before there was a list comes on it when
//! it is changed.

use super::api_keys::{self, Keyring};
use super::backoff;
use super::item::{Item, at, n, s};
use super::keys::user_pk;
use super::table::{Query, Read, Table};
use super::transaction::{Cancelled, MAX_WRITES};
use super::write::{Changes, Write};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::identity::{Email, Identity};
use carteiro_core::ids::UserId;
use carteiro_core::mail::{MailReturned, WhyReturned};
use carteiro_core::password::PasswordHash;
use carteiro_core::plan::PlanName;
use carteiro_core::ports::{AccountChange, Accounts, CreateError, MAX_USER_PAGE, Unavailable, UserPage};
use carteiro_core::scope::Grant;
use carteiro_core::token::{ApiKey, TokenHash};
use carteiro_core::user::User;

/// Tenants in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoAccounts {
    table: Table,
}

impl DynamoAccounts {
    /// Tenants in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }

    async fn create_all(&self, user: &User, key: Option<&ApiKey>) -> Result<(), CreateError> {
        let id = s(user.id.to_string());
        let identities = user.identities();
        let mut items: Vec<Item> = identities
            .iter()
            .map(|i| Item::new(identity_pk(i), "IDENT").with("user_id", id.clone()))
            .collect();
        items.push(profile(user));
        items.push(listed(user.id));
        items.extend(user.token.iter().map(|hash| api_keys::bare_token(hash, user.id)));
        items.extend(key.iter().flat_map(|key| api_keys::items(key)));
        let writes = items.into_iter().map(|item| Write::put(item).when("attribute_not_exists(#pk)"));
        let cancelled = match self.table.transact(&writes.collect::<Vec<_>>()).await {
            Ok(()) => return Ok(()),
            Err(cancelled) => cancelled,
        };
        // The identities stand first, so that a place in the transaction is one's own.
        if let Cancelled::Refused(refusals) = &cancelled
            && let Some(taken) = refusals.places().next().and_then(|place| identities.get(place))
        {
            return Err(CreateError::Taken(taken.clone()));
        }
        Err(cancelled.into_unavailable(self.table.operation("TransactWriteItems")).into())
    }

    /// Tries to remove a tenant with the tokens that it has just now; `keys` are of identities, and those that have become
    /// another tenant's are taken out of them. `false` when it has to be tried again.
    async fn try_remove(
        &self,
        user: &User,
        keys: &mut Vec<(String, &'static str)>,
    ) -> Result<bool, Unavailable> {
        let keyring = Keyring::read(&self.table, user.id).await?;
        let none_left = format!(
            "attribute_not_exists(#pk) OR (#workers = :none AND #admins = :none AND {})",
            keyring.unchanged()
        );
        let profile = Write::delete(user_pk(user.id), PROFILE).when(none_left).value(":none", n(0));
        let mut writes = vec![keyring.with_seen(profile)];
        writes.push(Write::delete(TENANTS, user.id.to_string()));
        let first_identity = writes.len();
        writes.extend(keys.iter().map(|(pk, sk)| {
            Write::delete(pk, *sk)
                .when("attribute_not_exists(#pk) OR #user_id = :user")
                .value(":user", s(user.id.to_string()))
        }));
        // Those that do not fit are over already, and go when their time to live ends.
        let room = MAX_WRITES - writes.len();
        writes.extend(keyring.removals().into_iter().take(room));
        let cancelled = match self.table.transact(&writes).await {
            Ok(()) => return Ok(true),
            Err(cancelled) => cancelled,
        };
        let operation = self.table.operation("TransactWriteItems");
        let refusals = match cancelled {
            Cancelled::Refused(refusals) => refusals,
            other => return Err(other.into_unavailable(operation)),
        };
        if let Some(Some(profile)) = refusals.at(0) {
            let counts = [profile.some_number::<i64>("workers")?, profile.some_number::<i64>("admins")?];
            if counts.iter().any(|count| count.is_some_and(|count| count != 0)) {
                return Err(Unavailable::new(operation, "the tenant still has numbers"));
            }
        }
        let mut place = first_identity;
        keys.retain(|_| {
            place += 1;
            !refusals.has(place - 1)
        });
        Ok(false)
    }

    /// The item of this key, which points to a tenant, and the tenant. Where nothing points, nobody is read: so the time that
    /// it takes does not tell whether an account exists.
    async fn pointed(&self, pk: String, sk: &str) -> Result<Option<(Item, User)>, Unavailable> {
        let pointer = self.table.get(pk, sk, Read::Consistent).await?;
        let id = match &pointer {
            Some(pointer) => pointer.one("user_id", |id| id.parse().ok())?,
            None => UserId::from_bytes(NOBODY),
        };
        let user = self.find(id).await?;
        Ok(pointer.zip(user))
    }
}

/// The sort key of a tenant's own item.
pub(super) const PROFILE: &str = "PROFILE";

fn identity_pk(identity: &Identity) -> String {
    match identity {
        Identity::Login(login) => format!("IDENT#login:{}", login.as_str()),
        Identity::Email(email) => format!("IDENT#email:{}", email.as_str()),
        Identity::Phone(phone) => format!("IDENT#phone:{}", phone.digits()),
    }
}

/// The id of no tenant: those have the bits of a random UUID.
const NOBODY: [u8; 16] = [0; 16];

/// The partition that lists every tenant.
const TENANTS: &str = "TENANTS";

fn listed(id: UserId) -> Item {
    Item::new(TENANTS, id.to_string())
}

fn profile(user: &User) -> Item {
    Item::new(user_pk(user.id), PROFILE)
        .with("user_id", s(user.id.to_string()))
        .with_some("login", user.login.as_ref().map(|l| s(l.as_str())))
        .with_some("email", user.email.as_ref().map(|e| s(e.as_str())))
        .with_some(RETURNED.0, user.mail_returned.map(|returned| s(returned.why.as_str())))
        .with_some(RETURNED.1, user.mail_returned.map(|returned| at(returned.at)))
        .with_some("phone", user.phone.as_ref().map(|p| s(p.digits())))
        .with_some("password", user.password.as_ref().map(|p| s(p.as_str())))
        .with("plan", s(user.plan.as_str()))
        .with_some("time_zone", user.time_zone.as_ref().map(|z| s(z.as_str())))
        .with_some("retention", user.retention.map(|kept| n(kept.days())))
        .with_some("token", user.token.as_ref().map(|t| s(t.as_str())))
        .with("created_at", at(user.created_at))
        .with("workers", n(0))
        .with("admins", n(0))
}

/// What is stored of mail that came back: why, and when.
const RETURNED: (&str, &str) = ("mail_returned", "mail_returned_at");

fn mail_returned(item: &Item) -> Result<Option<MailReturned>, Unavailable> {
    let Some(why) = item.some(RETURNED.0, WhyReturned::from_name)? else { return Ok(None) };
    Ok(Some(MailReturned { why, at: item.time(RETURNED.1)? }))
}

/// Reads a tenant's own item.
pub(super) fn user(item: &Item) -> Result<User, Unavailable> {
    Ok(User {
        id: item.one("user_id", |t| t.parse().ok())?,
        login: item.some("login", |t| t.parse().ok())?,
        email: item.some("email", |t| t.parse().ok())?,
        mail_returned: mail_returned(item)?,
        phone: item.some("phone", |t| t.parse().ok())?,
        password: item.some("password", |t| Some(PasswordHash::from_stored(t.to_owned())))?,
        plan: PlanName::from_stored(item.text("plan")?.to_owned()),
        time_zone: item.some("time_zone", |t| t.parse().ok())?,
        retention: item.some_number::<u16>("retention")?.and_then(|days| days.try_into().ok()),
        token: item.some("token", |t| Some(TokenHash::from_stored(t.to_owned())))?,
        created_at: item.time("created_at")?,
    })
}

#[async_trait]
impl Accounts for DynamoAccounts {
    async fn create(&self, user: &User) -> Result<(), CreateError> {
        self.create_all(user, None).await
    }

    async fn create_with_key(&self, user: &User, key: &ApiKey) -> Result<(), CreateError> {
        self.create_all(user, Some(key)).await
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        let item = self.table.get(user_pk(id), PROFILE, Read::Consistent).await?;
        item.as_ref().map(user).transpose()
    }

    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable> {
        Ok(self.pointed(identity_pk(identity), "IDENT").await?.map(|(_, user)| user))
    }

    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable> {
        let Some((item, user)) = self.pointed(api_keys::token_pk(token), api_keys::TOKEN).await? else {
            return Ok(None);
        };
        Ok(Some((user, api_keys::grant(&item)?)))
    }

    async fn page(&self, after: Option<UserId>, limit: usize) -> Result<UserPage, Unavailable> {
        let limit = limit.clamp(1, MAX_USER_PAGE);
        let query = Query::new("#pk = :tenants AND #sk > :after", Read::Consistent)
            .value(":tenants", TENANTS)
            // No id sorts before `!`.
            .value(":after", after.map_or_else(|| "!".to_owned(), |id| id.to_string()))
            .limit(limit + 1);
        let listed = self.table.query(query).await?;
        let ids = listed.iter().map(|item| item.one("sk", |id| id.parse::<UserId>().ok()));
        let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let next = ids.last().copied().filter(|_| more);
        let keys = ids.into_iter().map(|id| (user_pk(id), PROFILE.to_owned()));
        let items = self.table.get_many(keys, Read::Consistent).await?;
        let mut users = items.iter().map(user).collect::<Result<Vec<_>, _>>()?;
        users.sort_by_key(|user| user.id);
        Ok(UserPage { users, next })
    }

    async fn change(&self, id: UserId, change: &AccountChange) -> Result<Option<User>, Unavailable> {
        let values = [
            (":plan", "#plan = :plan", change.plan.as_ref().map(|plan| s(plan.as_str()))),
            (":zone", "#time_zone = :zone", change.time_zone.as_ref().map(|zone| s(zone.as_str()))),
            (":retention", "#retention = :retention", change.retention.map(|kept| n(kept.days()))),
        ];
        let set: Vec<&str> = values.iter().filter(|(_, _, v)| v.is_some()).map(|(_, set, _)| *set).collect();
        if set.is_empty() {
            return self.find(id).await;
        }
        let update = Write::update(user_pk(id), PROFILE, format!("SET {}", set.join(", ")));
        let update =
            values.into_iter().fold(update.when("attribute_exists(#pk)"), |update, (name, _, value)| {
                match value {
                    Some(value) => update.value(name, value),
                    None => update,
                }
            });
        match self.table.transact(&[update, Write::put(listed(id))]).await {
            Ok(()) => self.find(id).await,
            Err(Cancelled::Refused(_)) => Ok(None),
            Err(other) => Err(other.into_unavailable(self.table.operation("TransactWriteItems"))),
        }
    }

    async fn note_mail(
        &self,
        id: UserId,
        email: &Email,
        returned: Option<MailReturned>,
    ) -> Result<(), Unavailable> {
        let changes = Changes::default()
            .set_or_remove(RETURNED.0, returned.map(|returned| s(returned.why.as_str())))
            .set_or_remove(RETURNED.1, returned.map(|returned| at(returned.at)));
        let change = Write::change(user_pk(id), PROFILE, changes).value(":email", s(email.as_str()));
        let change = match returned {
            None => change.when("#email = :email"),
            Some(_) => change
                .when("#email = :email AND (attribute_not_exists(#mail_returned_at) OR #mail_returned_at < :mail_returned_at)"),
        };
        self.table.write(change).await.map(drop)
    }

    async fn remove(&self, user: &User) -> Result<(), Unavailable> {
        let mut keys: Vec<(String, &'static str)> =
            user.identities().iter().map(|i| (identity_pk(i), "IDENT")).collect();
        for attempt in 1..=backoff::ATTEMPTS {
            if self.try_remove(user, &mut keys).await? {
                return Ok(());
            }
            backoff::wait(attempt).await;
        }
        let operation = self.table.operation("TransactWriteItems");
        Err(Unavailable::new(operation, "the tenant's tokens keep changing"))
    }
}
