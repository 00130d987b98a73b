//! One-time passwords, registering, logging in, removing.

use crate::until::until;
use crate::world::World;
use carteiro_local::Answer;
use serde_json::{Value, json};

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn request(world: &World, purpose: &str, email: &str) -> Answer {
    let body = json!({"otp_type": purpose, "otp_for": "email", "email": email});
    world.call("POST", "/v2/auth/otp/request", &[], Some(&body)).await
}

async fn validate(world: &World, purpose: &str, email: &str, otp: &str) -> Answer {
    let body = json!({"otp_type": purpose, "otp_for": "email", "email": email, "email_otp_code": otp});
    world.call("POST", "/v2/auth/otp/validate", &[], Some(&body)).await
}

fn another(otp: &str) -> String {
    format!("{:06}", (otp.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn logging_in_by_mailed_code() {
    let world = World::start().await;
    let email = "iara@exemplo.com.br";
    world.tenant(email, "5511999990010").await;
    assert_eq!(request(&world, "login", email).await.status, 200);
    let otp = world.mailed_code(email, 1).await;

    assert_eq!(code(&validate(&world, "login", email, &another(&otp)).await), (422, "INVALID_OTP".into()));
    let right = validate(&world, "login", email, &otp).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let answer = right.json();
    assert_eq!((answer["success"].as_bool(), answer["expires_in"].as_u64()), (Some(true), Some(86_400)));
    let jwt = answer["token"].as_str().unwrap();
    let bearer = format!("Bearer {jwt}");
    for headers in [[("Authorization", bearer.as_str())], [("token", jwt)]] {
        assert_eq!(world.call("GET", "/api/v2/numbers", &headers, None).await.status, 200);
    }
    assert_eq!(validate(&world, "login", email, &otp).await.status, 422, "a code is used once");

    // Five wrong tries spend a code, the right one included.
    assert_eq!(request(&world, "login", email).await.status, 200);
    let otp = world.mailed_code(email, 2).await;
    for _ in 0..5 {
        assert_eq!(validate(&world, "login", email, &another(&otp)).await.status, 422);
    }
    assert_eq!(code(&validate(&world, "login", email, &otp).await), (422, "OTP_SPENT".into()));
    world.stop().await;
}

#[tokio::test]
async fn the_operator_sees_that_mail_came_back_until_a_mailed_code_is_used() {
    let world = World::start().await;
    let email = "olga@exemplo.com.br";
    let tenant = world.tenant(email, "5511999990019").await;
    let path = format!("/v2/operator/users/{}", tenant.id);
    let returned = async || {
        let shown = world.operate("GET", &path, None).await.json();
        shown["description"]["email_returned"]["reason"].as_str().map(str::to_owned)
    };
    assert_eq!(returned().await, None);
    crate::aws::bounce(&world, email).await;
    assert_eq!(until("it is noted", returned).await, "bounce");

    assert_eq!(request(&world, "login", email).await.status, 200);
    let otp = world.mailed_code(email, 1).await;
    assert_eq!(validate(&world, "login", email, &otp).await.status, 200);
    assert_eq!(returned().await, None);
    assert!(world.all_logs().iter().all(|(_, log)| !log.contains(email)), "no address is in a log");
    world.stop().await;
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let world = World::start().await;
    let email = "joao@exemplo.com.br";
    world.tenant(email, "5511999990011").await;
    assert_eq!(request(&world, "login", email).await.status, 200);
    let otp = world.mailed_code(email, 1).await;
    crate::aws::expire_code(&world, "login", email).await;
    assert_eq!(code(&validate(&world, "login", email, &otp).await), (422, "OTP_EXPIRED".into()));
    world.stop().await;
}

#[tokio::test]
async fn the_answer_does_not_tell_who_exists() {
    let world = World::start().await;
    world.tenant("kai@exemplo.com.br", "5511999990012").await;
    let (known, unknown) = (
        request(&world, "login", "kai@exemplo.com.br").await,
        request(&world, "login", "ninguem@exemplo.com.br").await,
    );
    let without_id = |answer: &Answer| {
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        (answer.status, body)
    };
    assert_eq!(without_id(&known), without_id(&unknown));
    world.mailed_code("kai@exemplo.com.br", 1).await;
    let mails = world.mailbox().mails().await.unwrap();
    assert!(!mails.iter().any(|mail| mail.to.iter().any(|to| to == "ninguem@exemplo.com.br")));
    world.stop().await;
}

#[tokio::test]
async fn registering_with_two_codes_as_the_known_client_does() {
    let world = World::start().await;
    let (email, phone) = ("lia@exemplo.com.br", "5511999990013");
    for body in [
        json!({"otp_type": "register", "otp_for": "email", "email": email}),
        json!({"otp_type": "register", "otp_for": "number", "number": phone}),
    ] {
        assert_eq!(world.call("POST", "/v2/auth/otp/request", &[], Some(&body)).await.status, 200);
    }
    let (mailed, texted) = (world.mailed_code(email, 1).await, world.texted_code(phone, 1).await);
    let body = json!({"otp_type": "register", "otp_for": "email", "email": email, "email_otp_code": mailed, "number": phone, "number_otp_code": texted});
    let answer = world.call("POST", "/v2/auth/otp/validate", &[], Some(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let numbers = world.call("GET", "/v2/numbers", &[("token", &token)], None).await;
    assert_eq!((numbers.status, &numbers.json()["description"]["workers"]), (200, &json!([])));

    // Both now lead to the account.
    let body = json!({"otp_type": "login", "otp_for": "number", "number": phone});
    assert_eq!(world.call("POST", "/v2/auth/otp/request", &[], Some(&body)).await.status, 200);
    let texted = world.texted_code(phone, 2).await;
    let body = json!({"otp_type": "login", "otp_for": "number", "number": phone, "number_otp_code": texted});
    assert_eq!(world.call("POST", "/v2/auth/otp/validate", &[], Some(&body)).await.status, 200);
    world.stop().await;
}

#[tokio::test]
async fn registering_logging_in_and_removing_by_password() {
    let world = World::start().await;
    let body = json!({"login": "maria", "number": "5511999990014", "password": "senha-secreta-1", "plan": "premium"});
    assert_eq!(
        code(&world.call("POST", "/v2/users/register", &[("api-token", "errado")], Some(&body)).await).0,
        401
    );
    let operator = world.operator_token().to_owned();
    let register = async |body: &Value| {
        world.call("POST", "/v2/users/register", &[("api-token", &operator)], Some(body)).await
    };
    let registered = register(&body).await;
    assert_eq!(registered.status, 201, "{}", registered.text());
    let token = registered.json()["description"]["token"].as_str().unwrap().to_owned();
    assert_eq!(code(&register(&body).await), (409, "LOGIN_TAKEN".into()));
    let mut unknown = body.clone();
    (unknown["login"], unknown["plan"]) = ("nina".into(), "diamante".into());
    assert_eq!(code(&register(&unknown).await), (422, "UNKNOWN_PLAN".into()));

    let credentials = json!({"login": "maria", "password": "senha-secreta-1"});
    let login = world.call("POST", "/v2/users/login", &[], Some(&credentials)).await;
    assert_eq!(login.status, 200, "{}", login.text());
    assert!(login.json()["token"].is_string(), "{}", login.text());
    let wrong = json!({"login": "maria", "password": "senha-errada-1"});
    assert_eq!(world.call("POST", "/v2/users/login", &[], Some(&wrong)).await.status, 401);

    assert_eq!(world.call("POST", "/v2/users/remove", &[("token", &token)], Some(&wrong)).await.status, 422);
    let removed = world.call("POST", "/v2/users/remove", &[("token", &token)], Some(&credentials)).await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(world.call("POST", "/v2/users/login", &[], Some(&credentials)).await.status, 401);
    assert_eq!(register(&body).await.status, 201, "the login is free again");
    world.stop().await;
}
