//! What SES tells of mail, as it comes through SNS.
//!
//! The fields are those of <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.

use carteiro_core::identity::Email;
use carteiro_core::mail::{MailReturned, WhyReturned};
use jiff::Timestamp;
use serde::Deserialize;

/// A message of the queue: what SNS wraps around what it was told.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Notification {
    pub(crate) message: String,
}

/// What SES told.
#[derive(Debug, PartialEq)]
pub(crate) enum Notice {
    /// Mail to these addresses came back for good.
    Returned { returned: MailReturned, addresses: Vec<Email>, kind: String },
    /// Mail did not arrive, and the next one may.
    Passing { kind: String },
    /// The sentence by which SES tries the topic when it is given to it.
    Trial,
}

/// It is no event of SES.
#[derive(Debug, thiserror::Error)]
#[error("the message is no event of SES")]
pub(crate) struct NoEvent;

#[derive(Deserialize)]
#[serde(tag = "eventType")]
enum Event {
    Bounce { bounce: Bounce },
    Complaint { complaint: Complaint },
    Reject {},
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounce_sub_type: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

impl Notice {
    /// Reads a message.
    pub(crate) fn read(message: &str) -> Result<Self, NoEvent> {
        if !message.trim_start().starts_with('{') {
            return Ok(Self::Trial);
        }
        Ok(match serde_json::from_str(message).map_err(|_| NoEvent)? {
            Event::Bounce { bounce } => {
                let kind = format!("{}/{}", bounce.bounce_type, bounce.bounce_sub_type);
                let returned = MailReturned { why: WhyReturned::Bounce, at: bounce.timestamp };
                match bounce.bounce_type.as_str() {
                    "Permanent" => {
                        Self::Returned { returned, addresses: addresses(&bounce.bounced_recipients), kind }
                    }
                    _ => Self::Passing { kind },
                }
            }
            Event::Complaint { complaint } => Self::Returned {
                returned: MailReturned { why: WhyReturned::Complaint, at: complaint.timestamp },
                addresses: addresses(&complaint.complained_recipients),
                kind: "Complaint".to_owned(),
            },
            Event::Reject {} => Self::Passing { kind: "Reject".to_owned() },
        })
    }
}

/// The addresses that a tenant can have; no tenant is found by another.
fn addresses(recipients: &[Recipient]) -> Vec<Email> {
    recipients.iter().filter_map(|recipient| recipient.email_address.parse().ok()).collect()
}
