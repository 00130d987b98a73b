//! How often callers get through, and what they are told of it.

use super::*;

#[tokio::test]
async fn a_tenant_has_its_burst_and_then_the_steady_rate() {
    let w = world().await;
    for expected in [("3", "2", "1"), ("3", "1", "2"), ("3", "0", "3")] {
        let reply = w.get(PATH, 1).await;
        assert_eq!((reply.status, shown(&reply)), (200, expected), "{}", reply.text);
    }
    w.clock.advance(SignedDuration::from_millis(300));
    let refused = w.get(PATH, 1).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!((refused.header("retry-after"), shown(&refused)), ("1", ("3", "0", "3")));
    assert!(refused.body["description"].as_str().unwrap().contains("Retry-After"));
    assert_eq!(w.get(PATH, 2).await.status, 200, "another tenant from the same address");
    w.clock.advance(SignedDuration::from_millis(700));
    assert_eq!(w.get("/api/v2/numbers", 1).await.status, 200, "its time has come");
    assert_eq!(w.get(PATH, 1).await.status, 429);
}

#[tokio::test]
async fn every_answer_shows_how_its_caller_stands() {
    let w = world().await;
    for (method, path, credential, status) in [
        ("GET", PATH, true, 200),
        ("GET", "/v2/numbers?do=number&do=number", true, 400),
        ("GET", "/v2/numbers?do=number&number=1", true, 422),
        ("GET", "/v2/numbers?do=panic", true, 500),
        ("GET", PATH, false, 401),
        ("GET", "/nowhere", true, 404),
        ("PATCH", PATH, true, 405),
    ] {
        w.clock.advance(SignedDuration::from_secs(60));
        let call = Call::new(method, path);
        let call = if credential { call.header("token", token(1).reveal()) } else { call };
        let reply = call.send(&w.numbers).await;
        assert_eq!((reply.status, shown(&reply)), (status, ("3", "2", "1")), "{method} {path}");
        assert_eq!(w.rates.switch.asked(), ["admit"], "{method} {path} is counted once");
    }
    w.clock.advance(SignedDuration::from_secs(60));
    w.accounts.switch.fail();
    let reply = w.get(PATH, 2).await;
    assert_eq!((reply.status, reply.header("retry-after"), shown(&reply)), (503, "1", ("3", "2", "1")));
    let login = Call::new("POST", "/v2/users/login").send(&w.users).await;
    assert_eq!(
        (login.status, shown(&login)),
        (200, ("3", "1", "2")),
        "a public route, from the same address"
    );
}

#[tokio::test]
async fn who_shows_no_good_credential_is_counted_by_address() {
    let w = world().await;
    for _ in 0..3 {
        assert_eq!(w.anonymous("203.0.113.7").await.status, 401);
    }
    assert_eq!(w.anonymous("203.0.113.7").await.code(), "RATE_LIMITED");
    assert_eq!(w.anonymous("203.0.113.8").await.status, 401);
    let unknown = Call::new("GET", "/nowhere").from_address("203.0.113.7").send(&w.numbers).await;
    assert_eq!(unknown.status, 429, "unknown routes count with them");
    let forged = Call::new("GET", PATH).header("x-forwarded-for", "198.51.100.1").from_address("203.0.113.7");
    assert_eq!(forged.send(&w.numbers).await.status, 429, "what a client writes of its address is not read");
    let good = Call::new("GET", PATH).header("token", token(1).reveal()).from_address("203.0.113.7");
    assert_eq!(good.send(&w.numbers).await.status, 200, "a good credential from there has its own rate");
    for host in 1..=3 {
        assert_eq!(w.anonymous(&format!("2001:db8::{host}")).await.status, 401);
    }
    assert_eq!(w.anonymous("2001:db8::4").await.status, 429, "one IPv6 network is one source");
    assert_eq!(w.anonymous("2001:db8:0:1::1").await.status, 401);
}

#[tokio::test]
async fn guessed_credentials_are_held_back_and_the_handler_never_sees_them() {
    let w = world().await;
    let bad = format!("cart_{}", "0".repeat(64));
    let mut refused = Vec::new();
    for _ in 0..5 {
        let call = Call::new("GET", "/v2/numbers?do=panic").header("token", &bad);
        refused.push(call.send(&w.numbers).await.status);
    }
    assert_eq!(refused, [401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn two_hundred_at_once_over_several_instances_get_no_more_than_the_limit() {
    let w = world().await;
    let rate = Rate::every(SignedDuration::from_secs(1), 40);
    let instances: Vec<Router> = (0..4)
        .map(|_| {
            let gate = gate(w.authenticator.clone(), w.rates.clone(), w.clock.clone(), rate);
            router(Function::Numbers, &gate)
        })
        .collect();
    // The answer of the Lambda adapter stays on its thread, so each caller has its own.
    let threads: Vec<_> = (0..200)
        .map(|n| {
            let router = instances[n % instances.len()].clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let call = Call::new("GET", PATH).header("token", token(1).reveal());
                runtime.block_on(call.send(&router)).status
            })
        })
        .collect();
    let statuses: Vec<u64> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let of = |status| statuses.iter().filter(|s| **s == status).count();
    assert_eq!((of(200), of(429)), (40, 160));
}

#[tokio::test]
async fn an_outage_of_the_store_lets_requests_through() {
    let w = world().await;
    w.rates.switch.fail();
    for _ in 0..5 {
        let reply = w.get(PATH, 1).await;
        assert_eq!((reply.status, shown(&reply)), (200, ("3", "3", "0")));
    }
}

#[tokio::test]
async fn the_plan_goes_before_the_deployment_and_a_changed_plan_holds_when_it_is_seen() {
    let w = world().await;
    let plans = r#"{
        "basico":{"media_types":[],"workers":0,"default":true,"rates":{"numbers":{"per_minute":60,"burst":1}}},
        "premium":{"media_types":[],"workers":0,"rates":{"numbers":{"per_minute":60,"burst":9}}}}"#;
    let plans = Arc::new(Plans::from_json(plans).unwrap());
    let limits = carteiro_http::testing::limits(RATE);
    let limiter = Limiter::new(w.rates.clone(), w.clock.clone(), plans.clone(), limits).unwrap();
    let gate = Gate::new(limiter).tenants(w.authenticator.clone());
    let numbers = router(Function::Numbers, &Arc::new(gate));
    let get = async || Call::new("GET", PATH).header("token", token(1).reveal()).send(&numbers).await;
    assert_eq!(shown(&get().await), ("1", "0", "1"));
    assert_eq!(get().await.status, 429);

    let mut user = tenant(1, Some(&token(1)));
    w.accounts.remove(&user).await.unwrap();
    user.plan = plans.parse_name("premium").unwrap();
    w.accounts.create(&user).await.unwrap();
    w.authenticator.forget(user.id);
    assert_eq!(shown(&get().await), ("9", "7", "2"), "what it did under the old plan counts");
}
