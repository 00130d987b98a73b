//! Who gets through to which route.

use super::*;

#[tokio::test]
async fn the_operators_routes_want_the_operators_token() {
    let w = world().await;
    let register = async |name: &str, value: &str| {
        Call::new("POST", "/v2/users/register").header(name, value).json(json!({})).send(&w.users).await
    };
    assert_eq!(register("api-token", OPERATOR).await.status, 200);
    assert_eq!(register("token", OPERATOR).await.code(), "OPERATOR_ONLY");
    assert_eq!(register("api-token", token(1).reveal()).await.code(), "OPERATOR_ONLY");
    let fourth = register("api-token", OPERATOR).await;
    assert_eq!(fourth.code(), "RATE_LIMITED", "guesses are held back by their address");
}

#[tokio::test]
async fn no_tenants_route_is_open() {
    let w = world().await;
    let tenants = ROUTES.iter().filter(|route| matches!(route.access, Access::Tenant(_)));
    let mut seen = 0;
    for route in tenants {
        let router = match route.function {
            Function::Numbers => &w.numbers,
            Function::Users => &w.users,
            _ => continue,
        };
        for prefix in ["", "/api"] {
            w.clock.advance(SignedDuration::from_secs(60));
            let path = format!("{prefix}{}", route.path.replace(['{', '}'], ""));
            let call = Call::new(route.method.as_str(), &path).header("api-token", OPERATOR);
            assert_eq!(call.send(router).await.code(), "UNAUTHENTICATED", "{} {path}", route.method);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
    let head = Call::new("HEAD", PATH).send(&w.numbers).await;
    assert_eq!(head.status, 401);
}

#[tokio::test]
async fn a_gate_must_know_those_whom_its_routes_are_for() {
    let w = world().await;
    let limiter = || {
        let plans = Plans::from_json(r#"{"basico":{"media_types":[],"workers":0,"default":true}}"#).unwrap();
        let limits = carteiro_http::testing::limits(RATE);
        Limiter::new(w.rates.clone(), w.clock.clone(), Arc::new(plans), limits).unwrap()
    };
    let built = |function: Function, gate: Gate| {
        let routes = ROUTES.iter().filter(|route| route.function == function);
        let api =
            routes.fold(Api::new(function), |api, route| api.route(route.method.clone(), route.path, anyone));
        api.behind(Arc::new(gate), ()).map(|_| ()).map_err(|error| error.to_string())
    };
    assert!(built(Function::Numbers, Gate::new(limiter())).unwrap_err().contains("tenants"));
    let tenants = Gate::new(limiter()).tenants(w.authenticator.clone());
    assert!(built(Function::Users, tenants).unwrap_err().contains("operator"));
    assert_eq!(built(Function::Auth, Gate::new(limiter())), Ok(()));
}

#[tokio::test]
async fn a_jwt_may_do_everything() {
    let w = world().await;
    let id = UserId::from_random([1; 16]);
    let jwt = format!("Bearer {}", w.authenticator.issue(id).await.unwrap());
    for (method, path) in [("GET", PATH), ("POST", "/v2/numbers/add")] {
        let reply = Call::new(method, path).header("authorization", &jwt).send(&w.numbers).await;
        assert_eq!((reply.status, &reply.body["description"]), (200, &json!(id.to_string())));
    }
}

/// A token of the first tenant for one scope only, which ends an hour from now.
async fn scoped(w: &World, scope: Scope) -> (ApiKey, ApiToken) {
    let token = ApiToken::from_random([scope as u8 + 100; 32]);
    let now = w.clock.now();
    let key = ApiKey {
        id: TokenId::from_random([scope as u8; 16]),
        user: UserId::from_random([1; 16]),
        name: None,
        prefix: token.prefix(),
        hash: token.hash(),
        scopes: Scopes::new([scope]).unwrap(),
        created_at: now,
        expires_at: Some(now + SignedDuration::from_hours(1)),
    };
    w.accounts.add(&key, now).await.unwrap();
    (key, token)
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say_and_nothing_else() {
    let w = world().await;
    for has in Scope::ALL {
        let (_, token) = scoped(&w, has).await;
        for route in ROUTES.iter().filter(|route| route.function == Function::Numbers) {
            let Access::Tenant(wants) = route.access else { panic!("{route:?}") };
            w.clock.advance(SignedDuration::from_secs(60));
            let call = Call::new(route.method.as_str(), route.path).header("token", token.reveal());
            let reply = call.send(&w.numbers).await;
            if has == wants {
                assert_eq!(reply.status, 200, "{} {}", route.method, route.path);
            } else {
                assert_eq!((reply.status, reply.code()), (403, "SCOPE_FORBIDS"));
                let said = reply.body["description"].as_str().unwrap();
                assert!(said.contains(wants.as_str()), "{said}");
            }
            assert_eq!(shown(&reply), ("3", "2", "1"), "the tenant is counted for both");
        }
    }
}

#[tokio::test]
async fn a_token_ends_at_its_time_even_where_it_is_remembered() {
    let w = world().await;
    let (_, token) = scoped(&w, Scope::Read).await;
    let get = async || Call::new("GET", PATH).header("token", token.reveal()).send(&w.numbers).await;
    w.clock.advance(SignedDuration::from_secs(3_595));
    assert_eq!(get().await.status, 200);
    w.clock.advance(SignedDuration::from_secs(4));
    assert_eq!(get().await.status, 200);
    w.clock.advance(SignedDuration::from_secs(1));
    let ended = get().await;
    assert_eq!((ended.status, ended.code()), (401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn a_revoked_token_stops_within_a_minute() {
    let w = world().await;
    let (key, token) = scoped(&w, Scope::Read).await;
    let get = async || Call::new("GET", PATH).header("token", token.reveal()).send(&w.numbers).await;
    assert_eq!(get().await.status, 200);
    assert!(w.accounts.revoke(key.user, key.id).await.unwrap());
    let mut seconds = 0;
    while get().await.status == 200 {
        w.clock.advance(SignedDuration::from_secs(1));
        seconds += 1;
        assert!(seconds < 60, "it still works after a minute");
    }
    assert_eq!(seconds, 15);
}
