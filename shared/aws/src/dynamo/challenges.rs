//! One-time passwords, in `accounts`: pk `OTP#<purpose>#<email|phone>:<address>`, sk `OTP`.
//!
//! | access | request | units |
//! |---|---|---|
//! | put | PutItem | 1 write |
//! | count a try | UpdateItem, conditional | 1 write |
//! | take | UpdateItem, conditional | 1 write |
//!
//! The item outlives its code by an hour, so that a late try reads as expired; then its TTL takes it away. A code that was used
//! leaves `taken_by`, the mark of the call that took it, and nothing of the code: were the item deleted, a call whose first answer was
//! lost, and that the SDK repeated, would read that somebody else had been faster.

use super::item::{Damaged, Item, at, b, n, ttl};
use super::table::{Table, Written};
use super::write::Write;
use crate::OsRandom;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::otp::{Address, Challenge, ChallengeKey, CodeMac};
use carteiro_core::ports::{Challenges, Random, Unavailable};
use jiff::SignedDuration;

/// How long a code that has expired can still be read.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// One-time passwords in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoChallenges {
    table: Table,
}

impl DynamoChallenges {
    /// One-time passwords in the table `accounts` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

const SK: &str = "OTP";

fn pk(key: &ChallengeKey) -> String {
    let purpose = key.purpose.as_str();
    match &key.address {
        Address::Email(email) => format!("OTP#{purpose}#email:{}", email.as_str()),
        Address::Phone(phone) => format!("OTP#{purpose}#phone:{}", phone.digits()),
    }
}

fn challenge(item: &Item) -> Result<Challenge, Unavailable> {
    let mac = item.bytes("code_mac")?.try_into().map_err(|_| Damaged("code_mac"))?;
    Ok(Challenge {
        mac: CodeMac::from_stored(mac),
        expires_at: item.time("expires_at")?,
        tries: item.number("tries")?,
    })
}

/// The update by which the call of that mark takes a code, once or again.
fn take(key: &ChallengeKey, mark: [u8; 16]) -> Write {
    Write::update(pk(key), SK, "SET #taken_by = :mark REMOVE #code_mac, #tries")
        .when("attribute_exists(#code_mac) OR #taken_by = :mark")
        .value(":mark", b(mark))
}

#[async_trait]
impl Challenges for DynamoChallenges {
    async fn put(&self, key: &ChallengeKey, challenge: &Challenge) -> Result<(), Unavailable> {
        let item = Item::new(pk(key), SK)
            .with("code_mac", b(challenge.mac.as_bytes().as_slice()))
            .with("expires_at", at(challenge.expires_at))
            .with("tries", n(challenge.tries))
            .with("ttl", ttl(challenge.expires_at + KEPT));
        self.table.write(Write::put(item)).await?;
        Ok(())
    }

    async fn count_try(&self, key: &ChallengeKey) -> Result<Option<Challenge>, Unavailable> {
        let count = Write::update(pk(key), SK, "ADD #tries :one")
            .when("attribute_exists(#code_mac)")
            .value(":one", n(1))
            .returning_new();
        match self.table.write(count).await? {
            Written::Done(item) => item.as_ref().map(challenge).transpose(),
            Written::Refused(_) => Ok(None),
        }
    }

    async fn take(&self, key: &ChallengeKey) -> Result<bool, Unavailable> {
        Ok(matches!(self.table.write(take(key, (&OsRandom as &dyn Random).bytes())).await?, Written::Done(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_repeated_takes_what_it_took() {
        let address = Address::Phone("5511988887777".parse().unwrap());
        let key = ChallengeKey { purpose: carteiro_core::otp::Purpose::Login, address };
        let condition = take(&key, [7; 16]).condition.unwrap();
        assert_eq!(condition, "attribute_exists(#code_mac) OR #taken_by = :mark");
    }

    #[test]
    fn a_damaged_mac_is_told() {
        let item = Item::new("p", SK).with("code_mac", b([1, 2]));
        assert!(challenge(&item).is_err());
    }
}
