//! Personal data: a person's, and a whole tenant's, is exported, erased, and then nowhere.

use crate::named::Named;
use crate::tenant::Tenant;
use crate::traces::{Kept, everything, traces};
use crate::until::{until, until_seen};
use crate::world::World;
use carteiro_local::{PASSWORD, Reply};
use serde_json::{Value, json};

const NUMBER: &str = "5511988880701";
const ANA: &str = "5511977770701";
const BIA: &str = "5511977770702";
const LOGIN: &str = "privada@exemplo.com.br";
const PHONE: &str = "5511999990701";

/// What must be nowhere: Ana's number in both forms, the digits of a card or a text, and what she said or was told.
const OF_ANA: [&str; 4] = [ANA, "551177770701", "97777-0701", "segredo-da-ana"];

/// Waits until an operation is over and answers it.
async fn done(tenant: &Tenant<'_>, asked: &Value) -> Value {
    let path = asked["description"]["status_url"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
    until_seen("the operation is over", async || {
        let answer = tenant.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let operation = answer.json()["description"].clone();
        if operation["status"] == "pronto" { Ok(operation) } else { Err(operation) }
    })
    .await
}

/// What may stay of a person, and until when: docs/explanation/privacy.md says why.
fn may_stay(kept: &Kept) -> bool {
    let place = kept.place.as_str();
    // The session's WhatsApp state, as long as the number is connected.
    place.starts_with("SessionsTable STATE#")
        // Answers to questions that were asked just now, which nobody reads after five minutes.
        || (place.starts_with("ChatsTable ANSWER#") && kept.ttl.is_some())
}

fn left<'a>(kept: &'a [Kept], of: &[&str], may_stay: impl Fn(&Kept) -> bool) -> Vec<&'a str> {
    traces(kept, of).into_iter().filter(|kept| !may_stay(kept)).map(|kept| kept.place.as_str()).collect()
}

#[tokio::test]
async fn a_person_and_then_the_tenant_are_exported_erased_and_nowhere() {
    let world = World::start().await;
    let ana = world
        .contact_with(json!({"number": ANA, "name": "Ana segredo-da-ana", "auto_receipts": "delivered"}))
        .await;
    let bia = world.contact(BIA).await;
    world.contact(NUMBER).await;
    let group = json!({"subject": "Obra", "creator": BIA, "members": [ANA, NUMBER]});
    let group = world.admin("POST", "/admin/groups", Some(&group)).await["id"].as_str().unwrap().to_owned();
    let tenant = world.tenant(LOGIN, PHONE).await;
    let fewer = tenant.call("PUT", "/v2/privacy/retention", &json!({"days": 30})).await;
    assert_eq!((fewer.status, &fewer.json()["description"]["days"]), (200, &json!(30)), "{}", fewer.text());
    let session = Named::new(&world, &tenant, "loja");
    session.pair(NUMBER).await;

    // What comes of her, and what others say of her.
    ana.write(NUMBER, json!({"text": "segredo-da-ana: bom dia"})).await;
    ana.write(NUMBER, json!({"media": {"type": "document", "length": 500}})).await;
    ana.write(&group, json!({"text": "segredo-da-ana no grupo"})).await;
    bia.write(NUMBER, json!({"text": "a Bia fica"})).await;
    bia.write(&group, json!({"text": "fale com +55 11 97777-0701"})).await;
    bia.write(NUMBER, json!({"contacts": [{"name": "Ana segredo-da-ana", "number": ANA}]})).await;
    let told = |text: &'static str| {
        move |message: &Value| message["body"].as_str().is_some_and(|body| body.contains(text))
    };
    for text in ["bom dia", "no grupo", "a Bia fica", "fale com"] {
        session.event("recebendoMensagem", told(text)).await;
    }
    session.event("recebendoMensagem", |message| message["type"] == "vcard").await;
    session.event("recebendoMensagem", |message| message["isMedia"] == true).await;
    until("the file is copied", async || {
        let kept = everything(&world).await;
        kept.iter().any(|kept| kept.place.starts_with("MediaBucket received/")).then_some(())
    })
    .await;
    // What goes to her, now, later and in a campaign.
    let to_ana = tenant.send(NUMBER, ANA, "segredo-da-ana enviado").await;
    let to_bia = tenant.send(NUMBER, BIA, "enviado à Bia").await;
    tenant.status(&to_ana, "entregue").await;
    tenant.status(&to_bia, "entregue").await;
    let in_an_hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let later = json!({"from_number": NUMBER, "to_number": ANA, "media_type": "text", "content": "segredo-da-ana depois", "send_at": in_an_hour.to_string()});
    let later = tenant.call("POST", "/v2/sends", &later).await;
    assert_eq!(later.status, 201, "{}", later.text());
    let later = later.json()["description"]["send_id"].as_str().unwrap().to_owned();
    let row = |number: &str, name: &str| json!({"to_number": number, "variables": {"nome": name}});
    let campaign = json!({
        "from_number": NUMBER, "media_type": "text", "content": "Olá, {{nome}}", "send_at": in_an_hour.to_string(),
        "recipients": [row(ANA, "segredo-da-ana"), row(BIA, "Bia")],
    });
    let headers = [("token", tenant.token.as_str()), ("Idempotency-Key", "campanha")];
    let campaign = world.call("POST", "/v2/sends/bulk", &headers, Some(&campaign)).await;
    assert_eq!(campaign.status, 202, "{}", campaign.text());

    // An event that its webhook does not take; what was delivered is no longer kept.
    let receiver = world.receiver().unwrap();
    receiver.reply(session.hook(), Reply::Status(500));
    ana.write(NUMBER, json!({"text": "segredo-da-ana pendente"})).await;
    session.event("recebendoMensagem", told("pendente")).await;

    // All of it is in her export, and nothing of Bia's own.
    let asked = tenant.get(&format!("/v2/privacy/export?number={ANA}")).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let export = done(&tenant, &asked.json()).await;
    let file = world.http.get(export["url"].as_str().unwrap()).await.unwrap().text();
    for text in ["bom dia", "no grupo", "enviado", "depois", "fale com", "vcard", "Olá", "pendente"] {
        assert!(file.contains(text), "{text}: {file}");
    }
    assert!(!file.contains("a Bia fica") && !file.contains("à Bia"), "{file}");
    for kind in ["sends", "bulk_operations", "messages", "chats", "contacts", "groups", "webhook_deliveries"]
    {
        assert!(export["records"][kind].as_u64() > Some(0), "{kind}: {export}");
    }

    // Before: in every table that people are in, and in the bucket.
    let before = everything(&world).await;
    let places = left(&before, &OF_ANA, |_| false);
    for place in [
        "SendsTable SEND#",
        "ChatsTable M#",
        "ChatsTable N#",
        "WebhooksTable STREAM#",
        "MediaBucket exports/",
        "MediaBucket bulk/",
    ] {
        assert!(places.iter().any(|found| found.starts_with(place)), "{place}: {places:?}");
    }

    // Each send and each message ends when the tenant's days are over.
    let now = jiff::Timestamp::now().as_second();
    let ends: Vec<&Kept> = before
        .iter()
        .filter(|kept| {
            ["SendsTable SEND#", "ChatsTable M#"].iter().any(|place| kept.place.starts_with(place))
        })
        .collect();
    assert!(ends.len() >= 8, "{}", ends.len());
    for kept in ends {
        let days = (kept.ttl.unwrap_or_default() - now) / (24 * 60 * 60);
        assert!((29..=30).contains(&days), "{}: {days}", kept.place);
    }

    let own = tenant.call("POST", "/v2/privacy/erase", &json!({"number": NUMBER})).await;
    assert_eq!((own.status, own.json()["code"].as_str()), (409, Some("OWN_NUMBER")));
    let asked = tenant.call("POST", "/v2/privacy/erase", &json!({"number": ANA})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let erased = done(&tenant, &asked.json()).await;
    assert!(erased["records"]["sends"].as_u64() >= Some(2), "{erased}");
    let after = everything(&world).await;
    assert_eq!(left(&after, &OF_ANA, may_stay), Vec::<&str>::new());
    assert!(!after.iter().any(|kept| kept.place.starts_with("MediaBucket received/")), "her file");
    // What is not hers is there, and what is counted is counted still.
    assert_eq!(traces(&after, &["a Bia fica"]).is_empty(), traces(&before, &["a Bia fica"]).is_empty());
    assert_eq!(tenant.look(&to_bia).await["message"], "enviado à Bia");
    // Her row of the campaign is a cancelled send by now.
    assert_eq!(tenant.report(NUMBER).await.len(), 4);
    let gone = tenant.look(&to_ana).await;
    assert_eq!((&gone["status"], &gone["message"]), (&json!("entregue"), &json!("(apagado)")), "{gone}");
    assert_eq!(tenant.look(&later).await["status"], "cancelado", "it will not be sent");
    let again = tenant.call("POST", "/v2/privacy/erase", &json!({"number": ANA})).await;
    let again = done(&tenant, &again.json()).await;
    assert_ne!(again["operation_id"], erased["operation_id"], "what came meanwhile is erased as well");
    receiver.reply(session.hook(), Reply::Status(204));
    // She is not blocked: what comes from now on is new.
    ana.write(NUMBER, json!({"text": "voltei"})).await;
    session.event("recebendoMensagem", told("voltei")).await;

    let asked = tenant.get("/v2/privacy/export").await;
    let whole = done(&tenant, &asked.json()).await;
    let file = world.http.get(whole["url"].as_str().unwrap()).await.unwrap().text();
    assert!(file.contains("a Bia fica") && file.contains(LOGIN) && file.contains(NUMBER));
    assert!(!file.contains(&tenant.token) && !file.contains("argon2"), "no credential is in it");

    // The tenant.
    let removal = json!({"all": true, "login": LOGIN, "password": PASSWORD});
    let asked = tenant.call("POST", "/v2/privacy/erase", &removal).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert_eq!(tenant.get("/v2/numbers").await.status, 401);
    let id = tenant.id.clone();
    let of_tenant = [id.as_str(), LOGIN, PHONE, NUMBER, BIA, ANA, "a Bia fica", "à Bia"];
    let audit = world.operate("GET", "/v2/operator/audit", None).await;
    let register = json!({"what": "user.register", "user_id": id});
    let entries = audit.json()["description"]["entries"].as_array().unwrap().clone();
    let is = |entry: &Value| ["what", "user_id"].iter().all(|name| entry[*name] == register[*name]);
    assert!(entries.iter().any(is), "{}", audit.text());
    // The fence of the number's state, without anything in it; how many chats the number began; that it was paired; who came how
    // often.
    let fences = |kept: &Kept| {
        let place = kept.place.as_str();
        place == format!("SessionsTable STATE#{NUMBER} HEAD")
            || (place == format!("SessionsTable NUMBER#{NUMBER} BEGUN") && kept.ttl.is_some())
            || (place.starts_with("SessionsTable PAIRING#") && kept.ttl.is_some())
            || (place.starts_with("AccountsTable RATE#") && kept.ttl.is_some())
            || (place.starts_with("ChatsTable ANSWER#") && kept.ttl.is_some())
            // That the operator made the account: its id, and nothing else of it.
            || (place.starts_with("AccountsTable AUDIT ")
                && kept.ttl.is_some()
                && of_tenant[1..].iter().all(|trace| !kept.text.contains(trace)))
    };
    until_seen("nothing of the tenant is left", async || {
        let kept = everything(&world).await;
        let left: Vec<String> = left(&kept, &of_tenant, fences).into_iter().map(str::to_owned).collect();
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
    let proof = everything(&world).await;
    assert!(
        proof
            .iter()
            .any(|kept| kept.place.starts_with("SendsTable PRIVACY#") && kept.text.contains("pronto"))
    );
    world.stop().await;
}
