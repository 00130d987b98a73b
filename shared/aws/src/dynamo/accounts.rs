//! Tenants, in `accounts`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | the tenant | `USER#<id>` | `PROFILE` |
//! | an identity | `IDENT#login:<x>`, `IDENT#email:<x>`, `IDENT#phone:<digits>` | `IDENT` |
//! | an API token | `TOKEN#<sha256>` | `TOKEN` |
//!
//! | access | request | units |
//! |---|---|---|
//! | create | TransactWriteItems of 2 to 5 items | 4 to 10 write |
//! | by id | GetItem | 1 read |
//! | by identity, by token | 2 GetItem | 2 read |
//! | remove | TransactWriteItems of 2 to 5 items | 4 to 10 write |
//!
//! Reads are strongly consistent: who has just registered logs in. The tenant's item also counts its `workers` and `admins`,
//! which [`super::DynamoNumbers`] keeps, and which must be none when it is removed.

use super::item::{Item, at, n, s};
use super::table::{Read, Table};
use super::transaction::Cancelled;
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::identity::Identity;
use carteiro_core::ids::UserId;
use carteiro_core::password::PasswordHash;
use carteiro_core::plan::PlanName;
use carteiro_core::ports::{Accounts, CreateError, Unavailable};
use carteiro_core::scope::Grant;
use carteiro_core::token::TokenHash;
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

    /// The tenant that an item of this key points to.
    async fn pointed(&self, pk: String, sk: &str) -> Result<Option<User>, Unavailable> {
        let Some(pointer) = self.table.get(pk, sk, Read::Consistent).await? else { return Ok(None) };
        self.find(pointer.one("user_id", |id| id.parse().ok())?).await
    }
}

/// The partition of a tenant.
pub(super) fn user_pk(id: UserId) -> String {
    format!("USER#{id}")
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

fn token_pk(token: &TokenHash) -> String {
    format!("TOKEN#{}", token.as_str())
}

fn profile(user: &User) -> Item {
    Item::new(user_pk(user.id), PROFILE)
        .with("user_id", s(user.id.to_string()))
        .with_some("login", user.login.as_ref().map(|l| s(l.as_str())))
        .with_some("email", user.email.as_ref().map(|e| s(e.as_str())))
        .with_some("phone", user.phone.as_ref().map(|p| s(p.digits())))
        .with_some("password", user.password.as_ref().map(|p| s(p.as_str())))
        .with("plan", s(user.plan.as_str()))
        .with_some("time_zone", user.time_zone.as_ref().map(|z| s(z.as_str())))
        .with_some("token", user.token.as_ref().map(|t| s(t.as_str())))
        .with("created_at", at(user.created_at))
        .with("workers", n(0))
        .with("admins", n(0))
}

fn user(item: &Item) -> Result<User, Unavailable> {
    Ok(User {
        id: item.one("user_id", |t| t.parse().ok())?,
        login: item.some("login", |t| t.parse().ok())?,
        email: item.some("email", |t| t.parse().ok())?,
        phone: item.some("phone", |t| t.parse().ok())?,
        password: item.some("password", |t| Some(PasswordHash::from_stored(t.to_owned())))?,
        plan: PlanName::from_stored(item.text("plan")?.to_owned()),
        time_zone: item.some("time_zone", |t| t.parse().ok())?,
        token: item.some("token", |t| Some(TokenHash::from_stored(t.to_owned())))?,
        created_at: item.time("created_at")?,
    })
}

#[async_trait]
impl Accounts for DynamoAccounts {
    async fn create(&self, user: &User) -> Result<(), CreateError> {
        let id = s(user.id.to_string());
        let identities = user.identities();
        let mut items: Vec<Item> = identities
            .iter()
            .map(|i| Item::new(identity_pk(i), "IDENT").with("user_id", id.clone()))
            .collect();
        items.push(profile(user));
        items.extend(user.token.iter().map(|t| Item::new(token_pk(t), "TOKEN").with("user_id", id.clone())));
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

    async fn find(&self, id: UserId) -> Result<Option<User>, Unavailable> {
        let item = self.table.get(user_pk(id), PROFILE, Read::Consistent).await?;
        item.as_ref().map(user).transpose()
    }

    async fn find_by_identity(&self, identity: &Identity) -> Result<Option<User>, Unavailable> {
        self.pointed(identity_pk(identity), "IDENT").await
    }

    async fn find_by_token(&self, token: &TokenHash) -> Result<Option<(User, Grant)>, Unavailable> {
        Ok(self.pointed(token_pk(token), "TOKEN").await?.map(|user| (user, Grant::full())))
    }

    async fn remove(&self, user: &User) -> Result<(), Unavailable> {
        let none_left = "attribute_not_exists(#pk) OR (#workers = :none AND #admins = :none)";
        let profile = Write::delete(user_pk(user.id), PROFILE).when(none_left).value(":none", n(0));
        let mut keys: Vec<(String, &str)> =
            user.identities().iter().map(|i| (identity_pk(i), "IDENT")).collect();
        keys.extend(user.token.iter().map(|t| (token_pk(t), "TOKEN")));
        loop {
            let ours = keys.iter().map(|(pk, sk)| {
                Write::delete(pk, *sk)
                    .when("attribute_not_exists(#pk) OR #user_id = :user")
                    .value(":user", s(user.id.to_string()))
            });
            let writes: Vec<Write> = std::iter::once(profile.clone()).chain(ours).collect();
            let cancelled = match self.table.transact(&writes).await {
                Ok(()) => return Ok(()),
                Err(cancelled) => cancelled,
            };
            let operation = self.table.operation("TransactWriteItems");
            match cancelled {
                Cancelled::Refused(refusals) if refusals.has(0) => {
                    return Err(Unavailable { operation, reason: "the tenant still has numbers".to_owned() });
                }
                // What another tenant has taken since an earlier removal is left to it.
                Cancelled::Refused(refusals) => {
                    let mut place = 0;
                    keys.retain(|_| {
                        place += 1;
                        !refusals.has(place)
                    });
                }
                other => return Err(other.into_unavailable(operation)),
            }
        }
    }
}
