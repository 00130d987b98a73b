//! Rate limits, and the headers that tell of them.

use crate::world::World;
use carteiro_local::Answer;
use serde_json::json;
use std::cell::Cell;

fn told(answer: &Answer) -> bool {
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].iter().all(|name| {
        answer
            .headers
            .get(*name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|text| text.parse::<u32>().is_ok())
    })
}

#[tokio::test]
async fn every_answer_tells_the_limit() {
    let world = World::start().await;
    let tenant = world.tenant("wilma@exemplo.com.br", "5511999990081").await;
    let token = [("token", tenant.token.as_str())];
    for (method, path, headers, status) in [
        ("GET", "/v2/numbers", &token[..], 200),
        ("GET", "/v2/numbers", &[][..], 401),
        ("GET", "/v2/numbers/status", &token[..], 400),
        ("GET", "/v2/nada", &[][..], 404),
        ("PATCH", "/v2/numbers", &[][..], 405),
        ("GET", "/openapi.json", &[][..], 200),
    ] {
        let answer = world.call(method, path, headers, None).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert!(told(&answer), "{method} {path}: {:?}", answer.headers);
    }
    world.stop().await;
}

#[tokio::test]
async fn who_comes_too_often_waits() {
    let world = World::start().await;
    let mut refused = None;
    let came = Cell::new(0);
    // Of each login, once: a login has a limit of its own.
    let log_in = async || {
        came.set(came.get() + 1);
        let login = format!("ninguem{}@exemplo.com.br", came.get());
        let body = json!({"login": login, "password": "errada-errada"});
        world.call("POST", "/v2/users/login", &[], Some(&body)).await
    };
    // More than any burst and what comes back meanwhile: some at a time, or a busy machine is slower than what comes back.
    for _ in 0..100 {
        let (a, b, c, d) = tokio::join!(log_in(), log_in(), log_in(), log_in());
        for answer in [a, b, c, d] {
            match answer.status {
                429 => refused = Some(answer),
                status => assert_eq!(status, 401, "{}", answer.text()),
            }
        }
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("a caller without credentials is held back");
    assert_eq!(refused.json()["code"], "RATE_LIMITED");
    assert!(told(&refused));
    let wait: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    // A tenant is counted by itself.
    let tenant = world.operate("GET", "/v2/operator/plans", None).await;
    assert!([200, 429].contains(&tenant.status));
    world.stop().await;
}

#[tokio::test]
async fn passwords_are_not_guessed_without_end() {
    let world = World::start().await;
    let body = json!({"login": "ninguem@exemplo.com.br", "password": "errada-errada"});
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(world.call("POST", "/v2/users/login", &[], Some(&body)).await);
    }
    assert!(answers[..10].iter().all(|answer| answer.status == 401));
    let held = &answers[11];
    assert_eq!((held.status, held.json()["code"].as_str()), (429, Some("RATE_LIMITED")), "{}", held.text());
    world.stop().await;
}

#[tokio::test]
async fn codes_are_not_mailed_without_end() {
    let world = World::start().await;
    let body = json!({"email": "vitima@exemplo.com.br"});
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(world.call("POST", "/v2/auth/otp/request", &[], Some(&body)).await.status);
    }
    assert_eq!(statuses[0], 200);
    assert!(statuses.contains(&429), "{statuses:?}");
    world.stop().await;
}
