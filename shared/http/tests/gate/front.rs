//! What stands in front of the API: what did not come through it goes no further, and whom it tells of is who called.

use super::*;
use sha2::{Digest, Sha256};

const KEY: &str = "chave-da-frente-com-quarenta-e-oito-caracteres-0";
const NEXT: &str = "proxima-chave-da-frente-com-quarenta-e-oito-0000";

fn hash(key: &str) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The routes of a function behind a gate that has these keys' hashes.
fn fronted(w: &World, function: Function, hashes: &str) -> Router {
    let gate = gate(w.authenticator.clone(), w.rates.clone(), w.clock.clone(), RATE);
    let gate = Arc::into_inner(gate).unwrap().front(hashes.parse().unwrap());
    router(function, &Arc::new(gate))
}

fn get(address: &str) -> Call {
    Call::new("GET", PATH).from_address(address)
}

/// A request as CloudFront sends it, from one of its own addresses.
fn through(key: &str, caller: &str) -> Call {
    get("130.176.1.1").header("x-carteiro-front-key", key).header("x-carteiro-caller", caller)
}

#[tokio::test]
async fn what_did_not_come_through_the_front_is_refused_and_costs_nothing() {
    let w = world().await;
    let numbers = fronted(&w, Function::Numbers, &hash(KEY));
    let keys = ["", " ", "errada", NEXT, &hash(KEY), &KEY[1..], &format!("{KEY}, {KEY}")];
    let wrong = keys.iter().map(|key| get("203.0.113.7").header("x-carteiro-front-key", key));
    for call in wrong.chain([get("203.0.113.7"), get("203.0.113.7").header("x-carteiro-caller", "192.0.2.1")])
    {
        let refused = call.header("token", token(1).reveal()).send(&numbers).await;
        assert_eq!((refused.status, refused.code()), (403, "FRONT_ONLY"), "{}", refused.text);
        assert_eq!(refused.body["success"], false);
        assert_eq!(refused.body["request_id"], "request-1");
        assert_eq!(shown(&refused), ("", "", ""), "it is not counted");
        assert!(!refused.text.contains(KEY));
    }
    assert_eq!(w.rates.switch.asked(), [""; 0], "nothing was asked of the tables");
    for (method, path) in [("GET", "/nowhere"), ("PATCH", PATH), ("GET", "/api/v2/numbers")] {
        let refused = Call::new(method, path).send(&numbers).await;
        assert_eq!((refused.status, refused.code()), (403, "FRONT_ONLY"), "{method} {path}");
    }
    let users = fronted(&w, Function::Users, &hash(KEY));
    assert_eq!(Call::new("POST", "/v2/users/login").send(&users).await.status, 403, "a public route");
}

#[tokio::test]
async fn v1_tells_it_in_its_own_shape() {
    let w = world().await;
    let sessions = fronted(&w, Function::Sessions, &hash(KEY));
    let refused =
        Call::new("GET", "/Loja/conversas").header("token", token(1).reveal()).send(&sessions).await;
    assert_eq!((refused.status, refused.header("x-error-code")), (403, "FRONT_ONLY"));
    assert_eq!(refused.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
}

#[tokio::test]
async fn what_came_through_it_is_answered_and_both_keys_are_good_during_a_change() {
    let w = world().await;
    let numbers = fronted(&w, Function::Numbers, &format!("{},{}", hash(KEY), hash(NEXT)));
    for key in [KEY, NEXT] {
        let reply = through(key, "192.0.2.1").header("token", token(1).reveal()).send(&numbers).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let numbers = fronted(&w, Function::Numbers, &hash(NEXT));
    assert_eq!(through(KEY, "192.0.2.1").send(&numbers).await.status, 403, "the key that was replaced");
}

#[tokio::test]
async fn callers_are_counted_by_the_address_that_the_front_tells() {
    let w = world().await;
    let numbers = fronted(&w, Function::Numbers, &hash(KEY));
    let status = async |caller: &str| through(KEY, caller).send(&numbers).await.status;
    for (caller, same, other) in [
        ("203.0.113.7", " 203.0.113.7 ", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        // What cannot be read counts together.
        ("", "203.0.113.7:443, 203.0.113.9", "203.0.113.10"),
    ] {
        for _ in 0..3 {
            assert_eq!(status(caller).await, 401, "{caller}");
        }
        assert_eq!(status(same).await, 429, "{caller} and {same} are one");
        assert_eq!(status(other).await, 401, "{other} is another");
    }
    let none = get("130.176.1.1").header("x-carteiro-front-key", KEY).send(&numbers).await;
    assert_eq!(none.status, 429, "no address is one that cannot be read");
}

/// Who may write the header if there is no front that overwrites it.
#[tokio::test]
async fn without_a_front_nobody_is_believed() {
    let w = world().await;
    for host in 1..=3 {
        let forged = get("203.0.113.7").header("x-carteiro-caller", &format!("192.0.2.{host}"));
        let forged = forged.header("x-carteiro-front-key", KEY).send(&w.numbers).await;
        assert_eq!(forged.status, 401);
    }
    assert_eq!(w.anonymous("203.0.113.7").await.status, 429, "they were all from there");
}
