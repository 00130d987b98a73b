//! Messages that come or are written now.

use super::DynamoChats;
use super::keys::{chat_sk, message_sk, messages_pk, micros, number_pk, order};
use super::message_record::{item, person};
use crate::dynamo::item::{Item, n, s};
use crate::dynamo::table::Written;
use crate::dynamo::transaction::Cancelled;
use crate::dynamo::write::Write;
use aws_sdk_dynamodb::types::AttributeValue;
use carteiro_core::chat::{Body, Message};
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Stored, Unavailable};
use carteiro_core::retention::RetentionDays;

/// How often a chat may change between a look at it and its update.
const ATTEMPTS: usize = 8;

/// What a chat says of its latest message and of when something last happened in it, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Times {
    message: Option<i64>,
    anything: Option<i64>,
}

/// The update that brings a chat up to date with a message, for a chat of these times; refused for one of others.
fn bring_up(number: &Phone, message: &Message, counts: bool, times: Times) -> Write {
    let (pk, sk) = (number_pk(number), chat_sk(&message.key.chat));
    let mut set = vec!["#at = if_not_exists(#at, :never)"];
    let mut values = vec![(":never", s(order(None, &message.key.chat)))];
    if let Some(with) = &message.with {
        // Both addresses of a person are worth more than one.
        let both = with.lid().is_some_and(|lid| lid != with.address());
        set.push(if both { "#with = :with" } else { "#with = if_not_exists(#with, :with)" });
        values.push((":with", person(with)));
    }
    if !counts {
        return values
            .into_iter()
            .fold(Write::update(pk, sk, format!("SET {}", set.join(", "))), |w, (name, v)| w.value(name, v));
    }
    let time = micros(message.at);
    let latest = times.message.is_none_or(|last| last <= time);
    let moves = latest && times.anything.is_none_or(|last| last <= time);
    if latest {
        set.extend(["#last = :last", "#last_time = :time"]);
        values.push((":last", s(message_sk(&message.key))));
    }
    if moves {
        set.retain(|part| !part.starts_with("#at"));
        values.retain(|(name, _)| *name != ":never");
        set.extend(["#at = :at", "#last_at = :time"]);
        values.push((":at", s(order(Some(message.at), &message.key.chat))));
    }
    let read = message.key.from_me && latest;
    if read {
        set.push("#unread = :zero");
        values.push((":zero", n(0)));
    }
    let mut expression = format!("SET {}", set.join(", "));
    if read {
        expression.push_str(" REMOVE #marked_unread");
    } else if !message.key.from_me {
        expression.push_str(" ADD #unread :one");
        values.push((":one", n(1)));
    }
    let condition = match (latest, moves) {
        (true, true) => {
            "(attribute_not_exists(#last_time) OR #last_time <= :time) AND (attribute_not_exists(#last_at) OR #last_at <= :time)"
        }
        (true, false) => "(attribute_not_exists(#last_time) OR #last_time <= :time) AND #last_at > :time",
        (false, _) => "#last_time > :time",
    };
    values.push((":time", n(time)));
    let write = Write::update(pk, sk, expression).when(condition);
    values.into_iter().fold(write, |write, (name, value)| write.value(name, value))
}

fn times(chat: Option<&Item>) -> Result<Times, Unavailable> {
    let Some(chat) = chat else { return Ok(Times::default()) };
    Ok(Times { message: chat.some_number("last_time")?, anything: chat.some_number("last_at")? })
}

impl DynamoChats {
    /// Stores a message together with what it changes in its chat.
    pub(super) async fn add_message(
        &self,
        number: &Phone,
        message: &Message,
        counts: bool,
        kept: RetentionDays,
    ) -> Result<Stored, Unavailable> {
        let put = Write::put(item(number, message, kept)?).when("attribute_not_exists(#pk)");
        let mut known = Times::default();
        for _ in 0..ATTEMPTS {
            let writes = [put.clone(), bring_up(number, message, counts, known)];
            let refusals = match self.table.transact(&writes).await {
                Ok(()) => return Ok(Stored::New),
                Err(Cancelled::Refused(refusals)) => refusals,
                Err(other) => return Err(other.into_unavailable(self.table.operation("TransactWriteItems"))),
            };
            if let Some(there) = refusals.at(0) {
                let unreadable = match there {
                    Some(item) => item.flag("ciphertext")?,
                    None => false,
                };
                return self.replace_ciphertext(number, message, unreadable, kept).await;
            }
            known = times(refusals.at(1).flatten())?;
        }
        Err(Unavailable::new(self.table.operation("TransactWriteItems"), "the chat changed at each try"))
    }

    /// Puts what a message says in the place of its ciphertext, if that is what is there.
    async fn replace_ciphertext(
        &self,
        number: &Phone,
        message: &Message,
        unreadable: bool,
        kept: RetentionDays,
    ) -> Result<Stored, Unavailable> {
        if !unreadable || message.body == Body::Ciphertext {
            return Ok(Stored::Known);
        }
        let new = item(number, message, kept)?;
        let (mut set, mut values) = (Vec::new(), Vec::new());
        let mut remove = vec!["#ciphertext"];
        for (name, place) in
            [("body", ":body"), ("quoted", ":quoted"), ("forwarded", ":forwarded"), ("revoked", ":revoked")]
        {
            if let Some(value) = new.0.get(name) {
                set.push(format!("#{name} = {place}"));
                values.push((place, value.clone()));
            }
        }
        if let Some(text) = new.0.get("text") {
            // It may have been edited before it could be read.
            set.push("#text = if_not_exists(#edited, :text)".to_owned());
            values.push((":text", text.clone()));
            remove.push("#edited");
        }
        if set.is_empty() {
            return Ok(Stored::Known);
        }
        let expression = format!("SET {} REMOVE {}", set.join(", "), remove.join(", "));
        let (pk, sk) = (messages_pk(number, &message.key.chat), message_sk(&message.key));
        let write = Write::update(pk, sk, expression)
            .when("#ciphertext = :true")
            .value(":true", AttributeValue::Bool(true));
        let write = values.into_iter().fold(write, |write, (name, value)| write.value(name, value));
        match self.table.write(write).await? {
            Written::Done(_) => Ok(Stored::New),
            Written::Refused(_) => Ok(Stored::Known),
        }
    }
}
