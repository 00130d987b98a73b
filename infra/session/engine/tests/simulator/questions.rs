//! Questions to WhatsApp, as the simulator answers them.

use crate::desk::{CONTACT, Desk, NUMBER, PATIENCE, Running};
use carteiro_core::chat::{Ack, Address, Group, Message, Rank, Update};
use carteiro_core::query::{Answer, Query, QueryFailure};
use carteiro_engine::{Question, SessionEvent};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

fn ana() -> Address {
    Address::of_phone(&CONTACT.parse().unwrap())
}

async fn ask(running: &Running, query: Query) -> Answer {
    running.session.asker().ask(Question::from(query)).await
}

fn failed(why: QueryFailure) -> Answer {
    Answer::Failed { why }
}

async fn profile(desk: &Desk, profile: Value) {
    desk.post(&format!("/admin/accounts/{CONTACT}/profile"), profile).await;
}

#[tokio::test]
async fn numbers_are_validated_in_either_form_with_what_they_are() {
    let desk = Desk::new().await;
    desk.post("/admin/accounts", json!({"number": "553188887777"})).await;
    profile(&desk, json!({"business": "Ana Flores ME"})).await;
    let running = desk.pair().await;
    let numbers = ["5531988887777", CONTACT, "5599911112222"].map(|number| number.parse().unwrap());
    let Answer::Validated { numbers: found } =
        ask(&running, Query::Validate { numbers: numbers.to_vec() }).await
    else {
        panic!("an answer")
    };
    assert_eq!(found.iter().map(|found| found.asked.clone()).collect::<Vec<_>>(), numbers);
    let person = |index: usize| found[index].person.as_ref().map(|person| person.address().to_string());
    assert_eq!(person(0).as_deref(), Some("553188887777@s.whatsapp.net"), "without the ninth digit");
    assert_eq!(person(1), Some(ana().to_string()));
    assert_eq!(person(2), None);
    assert!(found[1].person.as_ref().unwrap().lid().is_some());
    assert_eq!(found.iter().map(|found| found.business).collect::<Vec<_>>(), [false, true, false]);
}

#[tokio::test]
async fn what_people_say_of_themselves_is_told_unless_they_hide_it() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let about = || ask(&running, Query::About { who: ana() });
    assert_eq!(about().await, Answer::About { text: None });
    profile(&desk, json!({"about": "Fechado às segundas"})).await;
    assert_eq!(about().await, Answer::About { text: Some("Fechado às segundas".into()) });
    profile(&desk, json!({"about_hidden": true})).await;
    assert_eq!(about().await, Answer::About { text: None });
}

#[tokio::test]
async fn pictures_have_addresses_and_hidden_ones_are_none() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let picture = || ask(&running, Query::Picture { who: ana() });
    assert_eq!(picture().await, Answer::Picture { picture: None });
    desk.post(
        &format!("/admin/accounts/{CONTACT}/picture"),
        json!({"image": "/9j/2wBD", "preview": "/9j/2w=="}),
    )
    .await;
    let Answer::Picture { picture: Some(shown) } = picture().await else { panic!("a picture") };
    assert!(!shown.id.is_empty() && shown.url.starts_with("https://"), "{shown:?}");
    assert!(shown.preview_url.is_some_and(|preview| preview != shown.url));
    profile(&desk, json!({"picture_hidden": true})).await;
    assert_eq!(picture().await, Answer::Picture { picture: None });
}

#[tokio::test]
async fn who_is_online_is_told_and_the_number_is_not_left_online_itself() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let online = async || match ask(&running, Query::Online { who: ana() }).await {
        Answer::Online { online } => online,
        other => panic!("{other:?}"),
    };
    // WhatsApp's word is waited for some seconds, which may be too few on a busy machine.
    let told = async { while !online().await {} };
    let told_twice = async { while tokio::join!(online(), online()) != (true, true) {} };
    let path = format!("/admin/accounts/{CONTACT}/presence");
    desk.post(&path, json!({"available": true})).await;
    timeout(PATIENCE, told).await.expect("the contact is online");
    desk.post(&path, json!({"available": false})).await;
    assert!(!online().await);
    desk.post(&path, json!({"available": true})).await;
    timeout(PATIENCE, told_twice).await.expect("who asks at the same time is told the same");
    let own = format!("/admin/accounts/{NUMBER}/presence");
    desk.until("the number is not shown as online", &own, |body| body["available"] == json!(false)).await;
    let group = "120363000000000001@g.us".parse().unwrap();
    assert_eq!(ask(&running, Query::Online { who: group }).await, failed(QueryFailure::NotFound));
}

fn group_of(answer: Answer) -> Group {
    let Answer::Group { group } = answer else { panic!("a group, not {answer:?}") };
    group
}

#[tokio::test]
async fn a_group_is_joined_by_its_invite_looked_at_and_left() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let made = json!({"subject": "Obras", "creator": CONTACT, "members": [], "description": "Rua 7"});
    let made = desk.post("/admin/groups", made).await;
    let address: Address = made["id"].as_str().unwrap().parse().unwrap();
    let code = made["invite_link"].as_str().unwrap().parse().unwrap();
    let info = || ask(&running, Query::Group { group: address.clone() });
    assert_eq!(info().await, failed(QueryFailure::Forbidden), "it is not in it yet");

    let join = Query::JoinGroup { code };
    let joined = group_of(ask(&running, join.clone()).await);
    assert_eq!((&joined.address, joined.subject.as_str()), (&address, "Obras"));
    assert_eq!(joined.description.as_deref(), Some("Rua 7"));
    let rank = |number: &str| {
        let of = joined
            .participants
            .iter()
            .find(|one| one.person.phone().is_some_and(|phone| phone.digits() == number));
        of.map(|one| one.rank)
    };
    assert_eq!((rank(CONTACT), rank(NUMBER)), (Some(Rank::SuperAdmin), Some(Rank::Member)));
    assert_eq!(joined.owner.as_ref().and_then(|owner| owner.phone()), Some(CONTACT.parse().unwrap()));
    assert_eq!(group_of(ask(&running, join).await), joined, "joining again is being in it");
    assert_eq!(group_of(info().await), joined);

    assert_eq!(ask(&running, Query::LeaveGroup { group: address.clone() }).await, Answer::Done);
    assert_eq!(info().await, failed(QueryFailure::Forbidden));
    let nowhere = Query::JoinGroup { code: "AbCdEfGhIjKlMnOpQrStUv".parse().unwrap() };
    assert_eq!(ask(&running, nowhere).await, failed(QueryFailure::NotFound));
}

#[tokio::test]
async fn a_group_whose_administrators_let_people_in_is_waited_for() {
    let desk = Desk::new().await;
    let running = desk.pair().await;
    let made = json!({"subject": "Obras", "creator": CONTACT, "members": [], "approval": true});
    let made = desk.post("/admin/groups", made).await;
    let code = made["invite"].as_str().unwrap().parse().unwrap();
    let group = made["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(ask(&running, Query::JoinGroup { code }).await, Answer::AwaitsApproval { group });
}

#[tokio::test]
async fn a_chat_is_marked_as_read_for_its_people_and_for_the_other_devices() {
    let desk = Desk::new().await;
    let mut running = desk.pair().await;
    let path = format!("/admin/accounts/{CONTACT}/messages");
    for text in ["um", "dois"] {
        desk.post(&path, json!({"to": NUMBER, "text": text})).await;
    }
    let mut messages = running.messages(2).await;
    messages.reverse();
    assert!(messages.iter().all(|message| message.ack == Ack::Received));
    let read = Question { query: Query::MarkRead { chat: ana() }, messages: messages.clone() };
    assert_eq!(running.session.asker().ask(read).await, Answer::Done);
    let sent = format!("/admin/accounts/{CONTACT}/sent");
    let is_read = |body: &Value| {
        let all = body["messages"].as_array().unwrap();
        all.len() == 2 && all.iter().all(|message| message["receipts"]["read"] == json!(1))
    };
    desk.until("both are read", &sent, is_read).await;
    let unread = Question { query: Query::MarkUnread { chat: ana() }, messages };
    assert_eq!(running.session.asker().ask(unread).await, Answer::Done);
    let state = format!("/admin/accounts/{NUMBER}/app-state");
    let marked = |body: &Value| {
        let chats = body["chats"].as_array().unwrap();
        chats.iter().any(|chat| chat["marked_unread"] == json!(true))
    };
    let body = desk.until("the chat is marked as unread", &state, marked).await;
    assert_eq!(body["refused"], json!(0), "{body}");
}

/// Asks for messages from before `oldest`, accepting what is handed over meanwhile; the answer, and the ids that came.
async fn older(running: &mut Running, oldest: Message, count: u32) -> (Answer, Vec<String>) {
    let query = Query::MoreHistory { chat: ana(), count };
    let (asker, question) = (running.session.asker(), Question { query, messages: vec![oldest] });
    let mut asked = tokio::spawn(async move { asker.ask(question).await });
    let mut ids = Vec::new();
    let answered = async {
        loop {
            tokio::select! {
                answer = &mut asked => return answer.unwrap(),
                Some(event) = running.events.recv() => if let SessionEvent::Updates { updates, handover } = event {
                    for update in updates {
                        if let Update::History { messages, .. } = update {
                            ids.extend(messages.into_iter().map(|message| message.key.id.as_str().to_owned()));
                        }
                    }
                    handover.accept();
                }
            }
        }
    };
    let answer = timeout(PATIENCE, answered).await.expect("an answer in time");
    (answer, ids)
}

#[tokio::test]
async fn older_messages_are_had_from_the_phone_until_there_are_no_more() {
    let desk = Desk::new().await;
    let message = |n: i64| json!({"id": format!("3EB0B{n}"), "text": n.to_string(), "at": 1_760_000_000 + n});
    let messages: Vec<Value> = (1..=8).map(message).collect();
    let history = json!({"chats": [{"with": CONTACT, "messages": messages}], "limit": 3});
    desk.post(&format!("/admin/accounts/{NUMBER}/history"), history).await;
    let mut running = desk.pair().await;
    let mut known: Vec<Message> = Vec::new();
    while known.len() < 3 {
        let more = running.update("history", |update| match update {
            Update::History { messages, .. } => Some(messages),
            _ => None,
        });
        known.extend(more.await);
    }
    known.sort_by_key(|message| message.at);
    assert_eq!(known[0].key.id.as_str(), "3EB0B6");
    let from = |n: i64| {
        let mut oldest = known[0].clone();
        oldest.key.id = format!("3EB0B{n}").parse().unwrap();
        oldest.at = Timestamp::from_second(1_760_000_000 + n).unwrap();
        oldest
    };
    let (answer, mut ids) = older(&mut running, from(6), 3).await;
    ids.sort();
    assert_eq!(
        (answer, ids),
        (Answer::History { count: 3 }, vec!["3EB0B3".into(), "3EB0B4".into(), "3EB0B5".into()])
    );
    let (answer, ids) = older(&mut running, from(3), 50).await;
    assert_eq!((answer, ids.len()), (Answer::History { count: 2 }, 2));
    let (answer, ids) = older(&mut running, from(1), 50).await;
    assert_eq!((answer, ids.len()), (Answer::History { count: 0 }, 0), "the chat begins there");
    let unknown = Question::from(Query::MoreHistory { chat: ana(), count: 50 });
    assert_eq!(running.session.asker().ask(unknown).await, failed(QueryFailure::NotFound));
}

#[tokio::test]
async fn without_a_connection_nothing_is_asked() {
    let desk = Desk::new().await;
    let running = desk.start(carteiro_core::lease::Epoch::FIRST).await;
    assert_eq!(ask(&running, Query::About { who: ana() }).await, failed(QueryFailure::NotConnected));
}
