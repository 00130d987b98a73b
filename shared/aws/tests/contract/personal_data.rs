//! The contract of [`PersonalData`], over the tables and the bucket that infra/data.yaml declares. What each record loses is seen from
//! end to end in infra/local/tests/e2e/privacy.rs; here: pages, crashes between them, and what is another tenant's.

use crate::chat_samples::received;
use crate::samples::{at, phone, send, user, user_id, worker};
use crate::support::stack::{DATA, Stack};
use carteiro_aws::AwsClients;
use carteiro_aws::dynamo::{
    AwsPersonalData, DynamoAccounts, DynamoChats, DynamoNumbers, DynamoSends, PersonalTables,
};
use carteiro_aws::s3::S3Objects;
use carteiro_core::chat::Address;
use carteiro_core::ids::{SendId, UploadId, UserId};
use carteiro_core::number::NumberChange;
use carteiro_core::object::ObjectKey;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{
    Accounts, ChatReader, ChatWriter, Numbers, ObjectBody, Objects, PersonalData, Sends,
};
use carteiro_core::privacy::{ERASED_NUMBER, ERASED_TEXT, PrivacyScope};
use carteiro_core::retention::RetentionDays;
use carteiro_core::send::{Send, Status, Step};
use carteiro_core::shard::Shard;
use std::collections::BTreeMap;

struct World {
    data: AwsPersonalData,
    accounts: DynamoAccounts,
    numbers: DynamoNumbers,
    sends: DynamoSends,
    chats: DynamoChats,
    objects: S3Objects,
}

async fn world() -> World {
    let stack = Stack::deploy(DATA).await;
    let aws = AwsClients::new(stack.config.clone());
    let tables = PersonalTables {
        accounts: stack.output("AccountsTable"),
        sends: stack.output("SendsTable"),
        sessions: stack.output("SessionsTable"),
        chats: stack.output("ChatsTable"),
        webhooks: stack.output("WebhooksTable"),
    };
    let bucket = stack.output("MediaBucket");
    World {
        data: AwsPersonalData::new(aws.dynamo(), tables, aws.s3(), bucket),
        accounts: DynamoAccounts::new(aws.dynamo(), tables.accounts),
        numbers: DynamoNumbers::new(aws.dynamo(), tables.accounts),
        sends: DynamoSends::new(aws.dynamo(), tables.sends),
        chats: DynamoChats::new(aws.dynamo(), tables.chats),
        objects: S3Objects::new(aws.s3(), bucket),
    }
}

impl World {
    /// A tenant with workers 1 and 2, of which it has 1 no more.
    async fn tenant(&self) -> UserId {
        let user = user("ana");
        self.accounts.create(&user).await.unwrap();
        for number in [1, 2] {
            let add = NumberChange::Add(worker(number), Shard::from_stored(0));
            self.numbers.apply(user.id, &[add], 9).await.unwrap();
        }
        self.numbers.apply(user.id, &[NumberChange::Remove(worker(1))], 9).await.unwrap();
        user.id
    }

    async fn scope(&self, user: UserId, person: Option<&Phone>) -> PrivacyScope {
        let (workers, numbers) = self.data.numbers(user).await.unwrap();
        let person = match person {
            Some(person) => Some(self.data.names(&workers, person).await.unwrap()),
            None => None,
        };
        PrivacyScope { user, workers, numbers, person }
    }

    /// Erases a scope, each page twice, as after a crash that came before it was noted that the page is done.
    async fn erase(&self, scope: &PrivacyScope) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::<&'static str, u64>::new();
        let mut from: Option<String> = None;
        loop {
            let page = self.data.erase(scope, from.as_deref()).await.unwrap();
            // A page that is erased again finds what followed what it erased before.
            let again = self.data.erase(scope, from.as_deref()).await.unwrap();
            for (kind, count) in page.erased.into_iter().chain(again.erased) {
                *counts.entry(kind).or_default() += count;
            }
            from = match page.next {
                Some(next) => Some(next),
                None => return counts,
            };
        }
    }

    async fn read(&self, scope: &PrivacyScope) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self.data.read(scope, from.as_deref()).await.unwrap();
            found.extend(page.records.into_iter().map(|record| (record.kind, record.content.to_string())));
            from = match page.next {
                Some(next) => Some(next),
                None => return found,
            };
        }
    }

    async fn add_send(&self, user: UserId, from: &Phone, to: &Phone, second: i64) -> SendId {
        let send = Send { from: from.clone(), to: to.clone().into(), ..send(user, from, at(second)) };
        self.sends.create(&send, at(9_999)).await.unwrap();
        send.id
    }

    async fn found(&self, id: SendId) -> Option<Send> {
        self.sends.find(id).await.unwrap()
    }
}

#[tokio::test]
async fn a_person_leaves_the_sends_of_every_number_that_the_tenant_had_and_no_other_tenants() {
    let w = world().await;
    let (user, other) = (w.tenant().await, user_id());
    let (ana, bia) = (phone(71), phone(72));
    let mut of_ana = Vec::new();
    // More than one page.
    for second in 0..230 {
        of_ana.push(w.add_send(user, &phone(1), &ana, second).await);
    }
    of_ana.push(w.add_send(user, &phone(2), &ana, 0).await);
    let step = Step::Take(Address::of_phone(&ana).to_string());
    w.sends.apply(of_ana[0], &step, at(1)).await.unwrap();
    w.sends.apply(of_ana[0], &Step::Acknowledge, at(2)).await.unwrap();
    let kept = [w.add_send(user, &phone(1), &bia, 1).await, w.add_send(other, &phone(1), &ana, 1).await];
    let scope = w.scope(user, Some(&ana)).await;
    assert_eq!((scope.workers.as_slice(), scope.numbers.len()), ([phone(2)].as_slice(), 2));
    assert_eq!(w.read(&scope).await.len(), 231);
    assert_eq!(w.erase(&scope).await["sends"], 231);
    for (place, id) in of_ana.iter().enumerate() {
        let left = w.found(*id).await.unwrap();
        let status = if place == 0 { Status::Sent } else { Status::Cancelled };
        assert_eq!(
            (left.to.to_string().as_str(), left.status, &left.resolved_to),
            (ERASED_NUMBER, status, &None)
        );
        assert!(
            matches!(&left.content, carteiro_core::send::Content::Text(text) if text.as_str() == ERASED_TEXT)
        );
    }
    for id in kept {
        assert_eq!(w.found(id).await.unwrap().status, Status::Queued);
    }
    assert!(w.read(&scope).await.is_empty());
}

#[tokio::test]
async fn a_person_leaves_chats_and_a_chat_without_its_latest_message_has_the_one_before() {
    let w = world().await;
    let user = w.tenant().await;
    let own = phone(2);
    let (ana, bia) = (Address::of_phone(&phone(71)), Address::of_phone(&phone(72)));
    let group: Address = "120363000000000001@g.us".parse().unwrap();
    for (id, author, text) in
        [("A1", &bia, "um"), ("A2", &ana, "dois"), ("A3", &bia, "fale com 5511900000071")]
    {
        let mut message = received(&group, id, 10, text);
        message.key.participant = Some(author.clone());
        message.author = author.clone().into();
        w.chats.add(&own, &message, true, RetentionDays::default()).await.unwrap();
    }
    for (number, second) in (0..130).zip(20..) {
        let text = format!("texto {number}");
        w.chats
            .add(&own, &received(&ana, &format!("B{number}"), second, &text), true, RetentionDays::default())
            .await
            .unwrap();
    }
    w.chats.add(&own, &received(&bia, "C1", 9, "a Bia fica"), true, RetentionDays::default()).await.unwrap();
    // The same chat of a number that is not the tenant's.
    w.chats
        .add(&phone(9), &received(&ana, "D1", 9, "de outro"), true, RetentionDays::default())
        .await
        .unwrap();
    let scope = w.scope(user, Some(&phone(71))).await;
    let counts = w.erase(&scope).await;
    assert_eq!(counts["messages"], 132);
    assert_eq!(w.chats.chat(&own, &ana).await.unwrap(), None);
    let left = w.chats.chat(&own, &group).await.unwrap().unwrap();
    assert_eq!(left.last.unwrap().key.id.as_str(), "A1");
    let messages = w.chats.messages(&own, &group, None, 10).await.unwrap().items;
    assert_eq!(messages.len(), 1);
    assert!(w.chats.chat(&own, &bia).await.unwrap().unwrap().last.is_some());
    assert!(w.chats.chat(&phone(9), &ana).await.unwrap().is_some(), "another tenant's");
    assert!(w.read(&scope).await.is_empty());
}

#[tokio::test]
async fn a_tenant_is_gone_with_its_files_and_its_secrets_are_in_no_export() {
    let w = world().await;
    let (user, other) = (w.tenant().await, w_other(&w).await);
    let (mine, theirs) =
        (w.add_send(user, &phone(1), &phone(71), 0).await, w.add_send(other, &phone(3), &phone(71), 0).await);
    let objects = [
        ObjectKey::upload(user, UploadId::from_random([1; 16])),
        ObjectKey::received(30, user, [1; 32]),
        ObjectKey::received(365, user, [2; 32]),
    ];
    let others = ObjectKey::received(30, other, [1; 32]);
    for object in objects.iter().chain([&others]) {
        w.objects.put(object, ObjectBody::Bytes("x".into()), "text/plain").await.unwrap();
    }
    let scope = w.scope(user, None).await;
    let read = w.read(&scope).await;
    for kind in ["sends", "files", "account"] {
        assert!(read.iter().any(|(found, _)| *found == kind), "{kind}");
    }
    let all: String = read.iter().map(|(_, content)| content.as_str()).collect();
    assert!(all.contains("ana@exemplo.com.br") && !all.contains("argon2id"), "{all}");
    let counts = w.erase(&scope).await;
    assert_eq!((counts["sends"], counts["files"]), (1, 3));
    assert_eq!((w.found(mine).await, w.found(theirs).await.is_some()), (None, true));
    for object in &objects {
        assert_eq!(w.objects.find(object).await, Ok(None), "{object}");
    }
    assert!(w.objects.find(&others).await.unwrap().is_some());
    assert!(w.read(&w.scope(user, None).await).await.is_empty());
}

async fn w_other(w: &World) -> UserId {
    let other = user("bia");
    w.accounts.create(&other).await.unwrap();
    other.id
}

#[tokio::test]
async fn a_cursor_that_is_none_is_told() {
    let w = world().await;
    let scope = w.scope(user_id(), None).await;
    assert!(w.data.read(&scope, Some("nada")).await.is_err());
    assert!(w.read(&scope).await.is_empty() && w.erase(&scope).await.is_empty());
}
