//! The e-mails and text messages that the system sent, which the emulated AWS keeps instead of delivering.

use crate::error::Error;
use crate::http::Http;
use serde_json::{Value, json};

/// Reads what was sent.
#[derive(Debug, Clone)]
pub struct Mailbox {
    endpoint: String,
    http: Http,
}

/// An e-mail. It may hold a one-time password: it is shown to whoever runs the system, and not logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// When, in the emulation's own spelling.
    pub at: String,
}

/// A text message to a phone. What [`Mail`] says of secrets holds here.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The phone, with `+`.
    pub to: String,
    /// What it says.
    pub text: String,
}

impl Mailbox {
    pub(crate) fn new(endpoint: String, http: Http) -> Self {
        Self { endpoint, http }
    }

    /// Every e-mail, oldest first.
    pub async fn mails(&self) -> Result<Vec<Mail>, Error> {
        let answer = self.http.get(&format!("{}/_ministack/ses/messages", self.endpoint)).await?;
        Ok(mails(&answer.json()))
    }

    /// Every text message, oldest first for each phone.
    pub async fn texts(&self) -> Result<Vec<Text>, Error> {
        let answer = self.http.get(&format!("{}/_ministack/sns/sms-messages", self.endpoint)).await?;
        Ok(texts(&answer.json()))
    }
}

impl Mail {
    pub(crate) fn json(&self) -> Value {
        json!({"to": self.to, "subject": self.subject, "text": self.text, "at": self.at})
    }
}

impl Text {
    pub(crate) fn json(&self) -> Value {
        json!({"to": self.to, "text": self.text})
    }
}

fn mails(answer: &Value) -> Vec<Mail> {
    let accounts = answer["messages"].as_object().into_iter().flatten();
    let messages = accounts.flat_map(|(_, messages)| messages.as_array().into_iter().flatten());
    messages
        .map(|message| Mail {
            to: message["To"].as_array().into_iter().flatten().map(string).collect(),
            subject: string(&message["Subject"]),
            text: string(&message["BodyText"]),
            at: string(&message["Timestamp"]),
        })
        .collect()
}

fn texts(answer: &Value) -> Vec<Text> {
    let mut texts = Vec::new();
    for (phone, messages) in answer["sms_messages"].as_object().into_iter().flatten() {
        for message in messages.as_array().into_iter().flatten() {
            texts.push(Text { to: phone.clone(), text: string(&message["Message"]) });
        }
    }
    texts
}

/// A string, or a number as one.
fn string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_read() {
        let answer = json!({"messages": {"000000000000": [
            {"To": ["a@b.c"], "Subject": "Código", "BodyText": "123456", "Timestamp": 1}]}});
        let found = mails(&answer);
        assert_eq!(
            (found.len(), found[0].to.as_slice(), found[0].text.as_str()),
            (1, ["a@b.c".to_owned()].as_slice(), "123456")
        );
        assert!(mails(&json!({})).is_empty());
    }

    #[test]
    fn texts_are_read() {
        let answer = json!({"sms_messages": {"+5511999999999": [{"Message": "123456"}]}});
        let found = texts(&answer);
        assert_eq!((found[0].to.as_str(), found[0].text.as_str()), ("+5511999999999", "123456"));
    }
}
