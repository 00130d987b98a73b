//! V1's routes at the gate.

use super::*;
use carteiro_http::routes::Style;
use carteiro_http::testing::wide_gate;

/// A router of V1's routes, which answer whose request it is.
async fn v1() -> (World, Router) {
    let w = world().await;
    let router = router(Function::Sessions, &wide_gate(w.authenticator.clone()));
    (w, router)
}

#[tokio::test]
async fn a_token_in_the_query_is_for_v1_alone() {
    let (w, v1) = v1().await;
    let asked = format!("?token={}", token(1).reveal());
    assert_eq!(Call::new("GET", &format!("/Loja/conversas{asked}")).send(&v1).await.status, 200);
    assert_eq!(
        Call::new("GET", &format!("/v2/numbers{asked}")).send(&w.numbers).await.code(),
        "UNAUTHENTICATED"
    );
    let doubled = format!("/Loja/conversas{asked}&token={}", token(1).reveal());
    assert_eq!(Call::new("GET", &doubled).send(&v1).await.status, 200);
    for query in ["?token=", "?token=%20", "?token=x", "?Token=x", ""] {
        let reply = Call::new("GET", &format!("/Loja/conversas{query}")).send(&v1).await;
        assert_eq!(
            (reply.status, &reply.body),
            (401, &json!({"message": "Token não correspondente"})),
            "{query}"
        );
    }
}

#[tokio::test]
async fn every_route_of_v1_wants_a_credential_under_every_prefix_and_no_head() {
    let (_, v1) = v1().await;
    let mut seen = 0;
    for route in ROUTES.iter().filter(|route| route.style == Style::V1) {
        for path in route.paths() {
            let path = path.replace("{sessao}", "Minha%20Loja");
            let reply = Call::new(route.method.as_str(), &path).send(&v1).await;
            assert_eq!((reply.status, reply.header("x-error-code")), (401, "UNAUTHENTICATED"), "{path}");
            let head = Call::new("HEAD", &path).header("token", token(1).reveal()).send(&v1).await;
            assert_eq!(head.status, 405, "{path}");
            seen += 1;
        }
    }
    assert_eq!(seen, 4 * 33);
}

#[tokio::test]
async fn a_limit_and_a_failure_have_v1s_shapes() {
    let w = world().await;
    let gate = gate(w.authenticator.clone(), w.rates.clone(), w.clock.clone(), RATE);
    let v1 = router(Function::Sessions, &gate);
    let call = |rest: &str| Call::new("GET", &format!("/Loja/me{rest}")).header("token", token(1).reveal());
    let failed = call("?do=panic").send(&v1).await;
    assert_eq!((failed.status, &failed.body), (500, &json!({"message": "Algo deu errado!"})));
    assert_eq!((failed.header("x-error-code"), failed.header("x-request-id")), ("INTERNAL", "request-1"));
    let incomplete = call("?do=number").send(&v1).await;
    assert_eq!(
        incomplete.body,
        json!({"success": false, "message": "Request incompleto, necessita revisão!"})
    );
    assert_eq!(call("").send(&v1).await.status, 200);
    let limited = call("").send(&v1).await;
    assert_eq!(
        (limited.status, limited.header("x-error-code"), limited.header("retry-after")),
        (429, "RATE_LIMITED", "1")
    );
    assert_eq!(limited.header("ratelimit-limit"), "3");
}
