//! Tenants' numbers, in `accounts`.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a number of a tenant | `USER#<id>` | `NUMBER#<admin or worker>#<digits>` |
//! | a number that it had once | `USER#<id>` | `FORMER#<digits>` |
//! | whose worker a number is | `CLAIM#<digits>` | `CLAIM` |
//! | the counts `workers`, `admins` | `USER#<id>` | `PROFILE` |
//!
//! | access | request | units |
//! |---|---|---|
//! | list | Query | 1 read for about 40 numbers |
//! | apply | Query, PutItem for each worker that goes, then TransactWriteItems of the counts and 1 (admin) or 2 (worker) items a change | 1 read, 2 + 2 or 4 write a change |
//! | numbers that were a tenant's | Query | 1 read for about 60 numbers |
//! | whose worker | GetItem | 1 read |
//!
//! The counts move with the numbers in one transaction, so the limit of workers holds however many add at once, and a tenant
//! that is being removed gets no new ones.

use super::accounts::PROFILE;
use super::backoff;
use super::item::{Item, n, s, ttl};
use super::keys::{NUMBER, user_pk};
use super::table::{Query, Read, Table};
use super::transaction::{Cancelled, MAX_WRITES, Refusals};
use super::write::Write;
use crate::SystemClock;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::UserId;
use carteiro_core::number::{Claim, NumberChange, OwnedNumber, Role};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{ApplyError, Clock, MAX_NUMBER_CHANGES, Numbers, Unavailable};
use carteiro_core::retention::RetentionDays;
use carteiro_core::shard::Shard;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Tenants' numbers in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoNumbers {
    table: Table,
}

impl DynamoNumbers {
    /// Tenants' numbers in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

fn number_sk(number: &OwnedNumber) -> String {
    format!("{NUMBER}{}#{}", number.role.as_str(), number.phone.digits())
}

/// What the sort keys of numbers that a tenant had begin with.
pub(super) const FORMER: &str = "FORMER#";

/// Says that a tenant had a number.
fn former(user: UserId, number: &OwnedNumber) -> Item {
    // As long as its sends may be kept, which are found by it.
    let until = SystemClock.now().saturating_add(RetentionDays::LONGEST).unwrap_or(Timestamp::MAX);
    Item::new(user_pk(user), format!("{FORMER}{}", number.phone.digits())).with("ttl", ttl(until))
}

fn owned(item: &Item) -> Result<OwnedNumber, Unavailable> {
    Ok(item.one("sk", |sk| {
        let (role, digits) = sk.strip_prefix(NUMBER)?.split_once('#')?;
        Some(OwnedNumber { phone: digits.parse().ok()?, role: role.parse().ok()? })
    })?)
}

pub(super) fn claim_pk(number: &Phone) -> String {
    format!("CLAIM#{}", number.digits())
}

/// What changes when `changes` are made in their order: what is added and not there, what is taken away and there.
#[derive(Default)]
struct Difference {
    add: Vec<(OwnedNumber, Shard)>,
    remove: Vec<OwnedNumber>,
}

impl Difference {
    fn new(have: &[OwnedNumber], changes: &[NumberChange]) -> Self {
        let have: BTreeSet<(Role, &Phone)> = have.iter().map(|number| (number.role, &number.phone)).collect();
        let mut last = BTreeMap::new();
        for change in changes {
            let (NumberChange::Add(number, _) | NumberChange::Remove(number)) = change;
            last.insert((number.role, &number.phone), change);
        }
        let mut difference = Self::default();
        for (key, change) in last {
            match change {
                NumberChange::Add(number, shard) if !have.contains(&key) => {
                    difference.add.push((number.clone(), *shard));
                }
                NumberChange::Remove(number) if have.contains(&key) => difference.remove.push(number.clone()),
                _ => {}
            }
        }
        difference
    }

    fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// By how much the count of a role changes.
    fn growth(&self, role: Role) -> i64 {
        let added = self.add.iter().filter(|(number, _)| number.role == role).count() as i64;
        let removed = self.remove.iter().filter(|number| number.role == role).count() as i64;
        added - removed
    }

    fn adds_workers(&self) -> bool {
        self.add.iter().any(|(number, _)| number.role == Role::Worker)
    }
}

/// The transaction that makes a difference, and what each refusal in it means.
struct Plan {
    writes: Vec<Write>,
    claims: BTreeMap<usize, Phone>,
}

impl Plan {
    fn new(user: UserId, difference: &Difference, max_workers: u32) -> Self {
        let (workers, admins) = (difference.growth(Role::Worker), difference.growth(Role::Admin));
        let counts = Write::update(user_pk(user), PROFILE, "ADD #workers :workers, #admins :admins")
            .value(":workers", n(workers))
            .value(":admins", n(admins));
        let counts = if difference.adds_workers() {
            counts
                .when("attribute_exists(#pk) AND #workers <= :room")
                .value(":room", n(i64::from(max_workers) - workers))
        } else {
            counts.when("attribute_exists(#pk)")
        };
        let mut plan = Self { writes: vec![counts], claims: BTreeMap::new() };
        let user_id = s(user.to_string());
        for (number, shard) in &difference.add {
            let member = Item::new(user_pk(user), number_sk(number));
            plan.writes.push(Write::put(member).when("attribute_not_exists(#pk)"));
            if number.role == Role::Worker {
                let claim = Item::new(claim_pk(&number.phone), "CLAIM")
                    .with("user_id", user_id.clone())
                    .with("shard", n(shard.index()));
                plan.claims.insert(plan.writes.len(), number.phone.clone());
                plan.writes.push(Write::put(claim).when("attribute_not_exists(#pk)"));
            }
        }
        for number in &difference.remove {
            let member = Write::delete(user_pk(user), number_sk(number));
            plan.writes.push(member.when("attribute_exists(#pk)"));
            if number.role == Role::Worker {
                plan.writes.push(
                    Write::delete(claim_pk(&number.phone), "CLAIM")
                        .when("attribute_not_exists(#pk) OR #user_id = :user")
                        .value(":user", user_id.clone()),
                );
            }
        }
        plan
    }

    /// What refusals come to; `None` when the tenant's numbers changed since they were read.
    fn refused(&self, user: UserId, refusals: &Refusals) -> Option<ApplyError> {
        for (place, phone) in &self.claims {
            if let Some(Some(claim)) = refusals.at(*place)
                && claim.text("user_id") != Ok(user.to_string().as_str())
            {
                return Some(ApplyError::Taken(phone.clone()));
            }
        }
        match refusals.at(0) {
            Some(Some(_)) => Some(ApplyError::TooManyWorkers),
            // The tenant itself is gone.
            Some(None) => Some(ApplyError::Conflict),
            None => None,
        }
    }
}

#[async_trait]
impl Numbers for DynamoNumbers {
    async fn list(&self, user: UserId) -> Result<Vec<OwnedNumber>, Unavailable> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :number)", Read::Consistent)
            .value(":pk", user_pk(user))
            .value(":number", NUMBER);
        self.table.query(query).await?.iter().map(owned).collect()
    }

    async fn apply(
        &self,
        user: UserId,
        changes: &[NumberChange],
        max_workers: u32,
    ) -> Result<(), ApplyError> {
        let operation = self.table.operation("TransactWriteItems");
        if changes.len() > MAX_NUMBER_CHANGES {
            let reason = format!("{} changes at once, {MAX_NUMBER_CHANGES} are allowed", changes.len());
            return Err(Unavailable::new(operation, reason).into());
        }
        for attempt in 1..=backoff::ATTEMPTS {
            let have = self.list(user).await?;
            let difference = Difference::new(&have, changes);
            if difference.is_empty() {
                return Ok(());
            }
            // Before it is no more: a number that is found without ever having gone does no harm.
            for gone in difference.remove.iter().filter(|number| number.role == Role::Worker) {
                self.table.write(Write::put(former(user, gone))).await?;
            }
            let plan = Plan::new(user, &difference, max_workers);
            debug_assert!(plan.writes.len() <= MAX_WRITES);
            match self.table.transact(&plan.writes).await {
                Ok(()) => return Ok(()),
                Err(Cancelled::Refused(refusals)) => match plan.refused(user, &refusals) {
                    Some(error) => return Err(error),
                    None => backoff::wait(attempt).await,
                },
                Err(Cancelled::Conflict) => return Err(ApplyError::Conflict),
                Err(Cancelled::Unavailable(unavailable)) => return Err(unavailable.into()),
            }
        }
        Err(ApplyError::Conflict)
    }

    async fn former(&self, user: UserId) -> Result<Vec<Phone>, Unavailable> {
        let query = Query::new("#pk = :pk AND begins_with(#sk, :former)", Read::Consistent)
            .value(":pk", user_pk(user))
            .value(":former", FORMER);
        let items = self.table.query(query).await?;
        items.iter().map(|item| Ok(item.one("sk", |sk| sk.strip_prefix(FORMER)?.parse().ok())?)).collect()
    }

    async fn claim(&self, number: &Phone) -> Result<Option<Claim>, Unavailable> {
        let Some(item) = self.table.get(claim_pk(number), "CLAIM", Read::Consistent).await? else {
            return Ok(None);
        };
        let user = item.one("user_id", |id| id.parse().ok())?;
        Ok(Some(Claim { user, shard: Shard::from_stored(item.number("shard")?) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(role: Role, digits: &str) -> OwnedNumber {
        OwnedNumber { phone: digits.parse().unwrap(), role }
    }

    #[test]
    fn only_what_differs_changes_and_the_last_word_counts() {
        let (a, b, c) = (
            number(Role::Worker, "5511900000001"),
            number(Role::Worker, "5511900000002"),
            number(Role::Admin, "5511900000001"),
        );
        let shard = Shard::from_stored(3);
        let changes = [
            NumberChange::Add(a.clone(), shard),
            NumberChange::Remove(b.clone()),
            NumberChange::Add(b.clone(), shard),
            NumberChange::Remove(c.clone()),
            NumberChange::Add(c.clone(), shard),
            NumberChange::Remove(c.clone()),
        ];
        let difference = Difference::new(std::slice::from_ref(&a), &changes);
        assert_eq!(difference.add, [(b.clone(), shard)]);
        assert!(difference.remove.is_empty(), "the admin was never there");
        let difference = Difference::new(&[a, b, c], &changes);
        assert!(difference.add.is_empty());
        assert_eq!(difference.remove.len(), 1);
        assert_eq!(difference.growth(Role::Admin), -1);
    }

    #[test]
    fn the_most_changes_fit_one_transaction() {
        let changes: Vec<NumberChange> = (0..MAX_NUMBER_CHANGES)
            .map(|i| {
                NumberChange::Add(number(Role::Worker, &format!("55119000{i:05}")), Shard::from_stored(0))
            })
            .collect();
        let plan = Plan::new(
            UserId::from_random([0; 16]),
            &Difference::new(&[], &changes),
            MAX_NUMBER_CHANGES as u32,
        );
        assert!(plan.writes.len() <= MAX_WRITES);
    }
}
