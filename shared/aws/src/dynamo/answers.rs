//! Answers to questions, in `chats`: pk `ANSWER#<id>`, sk `ANSWER`. An answer is some hundred bytes; a large group's has about 100 bytes
//! for each member.
//!
//! | access | request | units |
//! |---|---|---|
//! | put | PutItem | 1 write for each KB |
//! | find | GetItem | 0.5 read for each 4 KB |

use super::item::{Damaged, Item, at, s, ttl};
use super::table::{Read, Table};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::QueryId;
use carteiro_core::ports::{Answers, Unavailable};
use carteiro_core::query::Answer;
use jiff::Timestamp;

/// Answers in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoAnswers {
    table: Table,
}

impl DynamoAnswers {
    /// Answers in the table `chats` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

pub(super) const SK: &str = "ANSWER";

pub(super) fn pk(id: QueryId) -> String {
    format!("ANSWER#{id}")
}

#[async_trait]
impl Answers for DynamoAnswers {
    async fn put(&self, id: QueryId, answer: &Answer, expires_at: Timestamp) -> Result<(), Unavailable> {
        let json = serde_json::to_string(answer).map_err(|_| Damaged("answer"))?;
        let item = Item::new(pk(id), SK)
            .with("answer", s(json))
            .with("expires_at", at(expires_at))
            .with("ttl", ttl(expires_at));
        self.table.write(Write::put(item)).await?;
        Ok(())
    }

    async fn find(&self, id: QueryId, now: Timestamp) -> Result<Option<Answer>, Unavailable> {
        // It is looked for again and again: one that is not seen yet is seen the next time.
        let Some(item) = self.table.get(pk(id), SK, Read::Eventual).await? else { return Ok(None) };
        if now >= item.time("expires_at")? {
            return Ok(None);
        }
        let answer = serde_json::from_str(item.text("answer")?).map_err(|_| Damaged("answer"))?;
        Ok(Some(answer))
    }
}
