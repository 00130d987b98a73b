//! Batches of the queue, over ports in memory.

use crate::handler::handle;
use crate::notice::{Notice, Notification};
use aws_lambda_events::sqs::SqsEvent;
use carteiro_core::mail::{MailReturned, WhyReturned};
use carteiro_core::ports::Accounts;
use carteiro_core::testing::{MemoryAccounts, tenant};
use carteiro_core::usecase::NoteReturnedMail;
use carteiro_core::user::User;
use serde_json::{Value, json};
use std::sync::Arc;

const EMAIL: &str = "ana@exemplo.com.br";

struct Function {
    note: NoteReturnedMail,
    accounts: Arc<MemoryAccounts>,
    user: User,
}

/// What SES told in the sample event.
fn event() -> Value {
    let event: Value = serde_json::from_str(include_str!("../../../events/bounces.json")).unwrap();
    let body: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    serde_json::from_str(body["Message"].as_str().unwrap()).unwrap()
}

fn complaint() -> Value {
    json!({
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": EMAIL}],
            "timestamp": "2026-11-24T08:00:00.000Z",
            "feedbackId": "exemplo",
            "complaintFeedbackType": "abuse",
        },
        "mail": {"destination": [EMAIL]},
    })
}

impl Function {
    /// A function whose table has a tenant of the sample's address.
    fn new() -> Self {
        let user = User { email: Some(EMAIL.parse().unwrap()), ..tenant(1, None) };
        let accounts = Arc::new(MemoryAccounts::of(user.clone()));
        Self { note: NoteReturnedMail { accounts: accounts.clone() }, accounts, user }
    }

    /// Whether a batch with this message of SNS is done with.
    async fn takes(&self, message: impl ToString) -> bool {
        let record = json!({"messageId": "1", "body": json!({"Message": message.to_string()}).to_string()});
        self.run(json!({"Records": [record]})).await
    }

    async fn run(&self, event: Value) -> bool {
        let event: SqsEvent = serde_json::from_value(event).unwrap();
        let handle = |notification| handle(&self.note, notification);
        carteiro_queue::standard(&event, handle).await.unwrap().batch_item_failures.is_empty()
    }

    async fn noted(&self) -> Option<MailReturned> {
        self.accounts.find(self.user.id).await.unwrap().unwrap().mail_returned
    }
}

#[tokio::test]
async fn handles_the_sample_event() {
    let function = Function::new();
    for _ in 0..2 {
        assert!(
            function.run(serde_json::from_str(include_str!("../../../events/bounces.json")).unwrap()).await
        );
        let at = "2026-11-23T12:00:02.345Z".parse().unwrap();
        assert_eq!(function.noted().await, Some(MailReturned { why: WhyReturned::Bounce, at }));
    }
}

#[tokio::test]
async fn a_complaint_is_noted_and_what_may_pass_is_not() {
    let function = Function::new();
    for (kind, subkind) in [("Transient", "MailboxFull"), ("Undetermined", "Undetermined")] {
        let mut event = event();
        event["bounce"]["bounceType"] = json!(kind);
        event["bounce"]["bounceSubType"] = json!(subkind);
        assert!(function.takes(&event).await);
        assert_eq!(function.noted().await, None, "{kind}");
    }
    assert!(
        function.takes(json!({"eventType": "Reject", "reject": {"reason": "Bad content"}, "mail": {}})).await
    );
    assert_eq!(function.noted().await, None);
    assert!(function.takes(complaint()).await);
    assert_eq!(function.noted().await.map(|returned| returned.why), Some(WhyReturned::Complaint));
}

#[tokio::test]
async fn the_sentence_by_which_ses_tries_the_topic_is_no_fault() {
    let function = Function::new();
    assert!(function.takes("Successfully validated SNS topic for Amazon SES event publishing.").await);
    assert_eq!(function.noted().await, None);
}

#[tokio::test]
async fn nobodys_address_and_one_that_is_none_are_passed_over() {
    let function = Function::new();
    let mut event = event();
    let recipient = |address: &str| json!({"emailAddress": address});
    event["bounce"]["bouncedRecipients"] =
        json!([recipient("bia@exemplo.com.br"), recipient("@"), recipient(EMAIL)]);
    assert!(function.takes(&event).await);
    assert!(function.noted().await.is_some());
}

#[tokio::test]
async fn an_outage_and_what_is_not_understood_come_again() {
    let function = Function::new();
    assert!(!function.takes(json!({"eventType": "Novidade"})).await);
    assert!(!function.takes(json!({"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}})).await);
    assert!(!function.run(json!({"Records": [{"messageId": "1", "body": "{}"}]})).await);
    function.accounts.switch.fail();
    assert!(!function.takes(event()).await);
    function.accounts.switch.recover();
    assert!(function.takes(event()).await);
}

#[test]
fn no_address_is_in_what_a_fault_says() {
    let message = event().to_string().replace("timestamp", "quando");
    let fault = Notice::read(&message).unwrap_err();
    assert!(!format!("{fault} {fault:?}").contains("exemplo"));
    let notification: Notification = serde_json::from_value(json!({"Message": event().to_string()})).unwrap();
    let debugged = format!("{:?}", Notice::read(&notification.message).unwrap());
    assert!(!debugged.contains(EMAIL), "{debugged}");
}
