//! What breaks: the session task, the stream, the queue.

use crate::contact::Contact;
use crate::world::World;
use serde_json::json;

const WORKER: &str = "5511988880021";
const CONTACT: &str = "5511977770021";

/// Every text once, in order, and none that could not be decrypted.
async fn assert_once_and_in_order(contact: &Contact<'_>, expected: &[String]) {
    assert_eq!(contact.texts(expected.len()).await, expected);
    assert!(contact.messages().await.iter().all(|message| message["undecryptable"] == 0));
}

#[tokio::test]
async fn killed_while_a_hundred_texts_go_out() {
    let world = World::start().await;
    let tenant = world.tenant("ulisses@exemplo.com.br", "5511999990030").await;
    let contact = world.contact(CONTACT).await;
    tenant.pair(WORKER).await;
    let expected: Vec<String> = (0..100).map(|number| format!("mensagem {number}")).collect();
    let post = async {
        let mut last = String::new();
        for text in &expected {
            last = tenant.send(WORKER, CONTACT, text).await;
        }
        last
    };
    let kill = async {
        contact.texts(20).await;
        world.kill_session().await;
        assert!(contact.messages().await.len() < 100, "it was killed before all were out");
        world.start_session().await.unwrap();
    };
    let (last, ()) = tokio::join!(post, kill);
    tenant.status(&last, "entregue").await;
    assert_once_and_in_order(&contact, &expected).await;
    let report = tenant.report(WORKER).await;
    assert_eq!(report.len(), 100);
    for send in report {
        tenant.status(send["send_id"].as_str().unwrap(), "entregue").await;
    }
    world.stop().await;
}

#[tokio::test]
async fn the_stream_breaks_in_the_middle_of_a_send() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("vera@exemplo.com.br", "5511999990031").await;
    tenant.pair(WORKER).await;
    world.fault(json!({"kind": "drop_stream", "number": WORKER, "after_messages": 3})).await;
    let mut expected = Vec::new();
    let mut sends = Vec::new();
    for number in 0..8 {
        let text = format!("mensagem {number}");
        sends.push(tenant.send(WORKER, CONTACT, &text).await);
        expected.push(text);
    }
    for send in &sends {
        tenant.status(send, "entregue").await;
    }
    assert_once_and_in_order(&contact, &expected).await;
    world.stop().await;
}

#[tokio::test]
async fn a_queue_that_delivers_twice_sends_once() {
    let world = World::start().await;
    let contact = world.contact(CONTACT).await;
    let tenant = world.tenant("wanda@exemplo.com.br", "5511999990032").await;
    tenant.pair(WORKER).await;
    let first = tenant.send(WORKER, CONTACT, "uma vez").await;
    tenant.status(&first, "entregue").await;
    // The same signal once more on both queues, as a doubled delivery or a sweep would bring it.
    crate::aws::accept_again(&world, &first, WORKER).await;
    let second = tenant.send(WORKER, CONTACT, "outra").await;
    tenant.status(&second, "entregue").await;
    let messages = contact.messages().await;
    assert_eq!(messages.len(), 2);
    assert!(
        messages.iter().all(|message| message["arrivals"].as_array().is_some_and(|a| a.len() == 1)),
        "{messages:?}"
    );
    world.stop().await;
}
