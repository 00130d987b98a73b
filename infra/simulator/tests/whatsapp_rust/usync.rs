//! Who is on WhatsApp.

use serde_json::json;
use whatsapp_rust::Jid;

use crate::admin::Sim;
use crate::client::Client;

const ANA: &str = "5511999990001";
const WITH_NINE: &str = "5531988887777";
const WITHOUT_NINE: &str = "553188887777";

#[tokio::test(flavor = "multi_thread")]
async fn only_declared_numbers_are_on_whatsapp() {
    let sim = Sim::start().await;
    sim.contact(WITHOUT_NINE).await;
    let ana = Client::paired(&sim, ANA).await;
    let asked = [Jid::pn(WITH_NINE), Jid::pn(WITHOUT_NINE)];
    let found = ana.inner().contacts().is_on_whatsapp(&asked).await.unwrap();
    let registered = |number: &str| found.iter().find(|f| f.jid.user == number).unwrap().is_registered;
    assert!(!registered(WITH_NINE));
    assert!(registered(WITHOUT_NINE));
    ana.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_by_either_form_of_its_number_and_named_by_its_own() {
    for own in [WITH_NINE, WITHOUT_NINE] {
        let sim = Sim::start().await;
        sim.post("/admin/accounts", json!({"number": own, "ninth_digit": "resolve"})).await;
        let ana = Client::paired(&sim, ANA).await;
        for asked in [WITH_NINE, WITHOUT_NINE] {
            let found = ana.inner().contacts().is_on_whatsapp(&[Jid::pn(asked)]).await.unwrap();
            assert_eq!(found.len(), 1, "{own} {asked}");
            assert!(found[0].is_registered, "{own} {asked}");
            assert_eq!(found[0].jid.user, own, "{own} {asked}");
        }
        let asked = &sim.get("/admin/stats").await["stats"]["usync"]["contacts"];
        assert_eq!((&asked[WITH_NINE], &asked[WITHOUT_NINE]), (&json!(1), &json!(1)));

        // What goes to the number that was answered arrives; the other form is nobody's.
        let other = if own == WITH_NINE { WITHOUT_NINE } else { WITH_NINE };
        let _ = ana.inner().send_text(Jid::pn(other), "para ninguém").await;
        let id = ana.send(own, "oi").await;
        assert_eq!(ana.ack(&id).await, None);
        let messages = sim.messages(own, 1).await;
        assert_eq!((messages.len(), &messages[0]["text"]), (1, &json!("oi")));
        ana.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_refuses_what_makes_no_sense() {
    let sim = Sim::start().await;
    let post = reqwest::Method::POST;
    for (path, body, status) in [
        ("/admin/accounts", json!({"number": "12"}), 400),
        ("/admin/accounts", json!({"number": "55119999900ab"}), 400),
        ("/admin/accounts/5511999990009/messages", json!({"to": ANA, "text": "x"}), 404),
        ("/admin/faults", json!({"kind": "nack", "number": "5511999990009"}), 404),
        ("/admin/faults", json!({"kind": "earthquake", "number": ANA}), 422),
    ] {
        let (answered, answer) = sim.call(post.clone(), path, Some(body)).await;
        assert_eq!(answered, status, "{path} {answer}");
    }
    assert_eq!(sim.get("/health").await["status"], "ok");
}
